import { realMap, type RealMap } from "../core/tensor.ts";
import type { FillName } from "./fills.ts";
import type { Mask } from "./maskings.ts";

interface Curve {
  readonly title: string;
  readonly paper: string;
  readonly better: "lower" | "higher";
  /** What stands where the photograph does not; RISE's own choices. */
  readonly fill: FillName;
  /** Whether the photograph shows at the pixels that have been reached, or at those that have not. */
  readonly showsReached: boolean;
}

/** Pixels are taken away, or put in, the highest first; the area under the confidence tells how soon it falls, or rises. */
export const curves = {
  deletion: {
    title: "Deletion AUC",
    paper: "Petsiuk et al. 2018 (RISE)",
    better: "lower",
    fill: "mean",
    showsReached: false,
  },
  insertion: {
    title: "Insertion AUC",
    paper: "Petsiuk et al. 2018 (RISE)",
    better: "higher",
    fill: "blur",
    showsReached: true,
  },
} as const satisfies Record<string, Curve>;

export type CurveName = keyof typeof curves;

/** RISE takes a row of pixels a step, 224 of them; the area settles with far fewer. */
export const defaultSteps = 28;

/** The masks of a curve from no pixel reached to all of them, `steps + 1` in number. Equal pixels are reached row by row. */
export function* curveMasks(map: RealMap, curve: CurveName, steps: number): Generator<Mask, void> {
  const pixels = map.data.length;
  const order = Uint32Array.from(map.data.keys()).sort(
    (a, b) => (map.data[b] ?? 0) - (map.data[a] ?? 0) || a - b,
  );
  const { showsReached }: Curve = curves[curve];
  const [before, after] = showsReached ? [0, 1] : [1, 0];
  const mask = new Float64Array(pixels).fill(before);
  for (let step = 0, reached = 0; step <= steps; step++) {
    for (const end = Math.round((step * pixels) / steps); reached < end; reached++)
      mask[order[reached] ?? 0] = after;
    yield realMap(map.shape[0], map.shape[1], mask.slice());
  }
}

/** Area under equally spaced values over [0, 1], by trapezia. */
export function areaUnder(values: readonly number[]): number {
  const ends = ((values[0] ?? 0) + (values.at(-1) ?? 0)) / 2;
  return (values.reduce((sum, value) => sum + value, 0) - ends) / Math.max(values.length - 1, 1);
}
