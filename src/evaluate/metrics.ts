import { realMap, type RealMap } from "../core/tensor.ts";
import type { FillName, Mask } from "./maskings.ts";

/** The confidence in the explained class: of the whole photograph (Y) and of the masked one (O). */
interface Confidences {
  readonly whole: number;
  readonly masked: number;
}

/** What an evaluation may call confidence. */
export const confidences = {
  probability: { title: "probability" },
  logit: { title: "logit" },
} as const;

export type ConfidenceName = keyof typeof confidences;

interface Metric {
  readonly title: string;
  readonly paper: string;
  readonly better: "lower" | "higher";
  /** Confidences that it has a meaning for: 1 - Y is the room above a probability, and nothing for a logit. */
  readonly of: readonly ConfidenceName[];
  /** What one photograph brings to the mean, in percent; Y is above 0. */
  readonly term: (confidences: Confidences) => number;
}

/** Every metric is the mean of a term over photographs. */
export const metrics = {
  drop: {
    title: "Average Drop %",
    paper: "Chattopadhay et al. 2018",
    better: "lower",
    of: ["probability", "logit"],
    term: ({ whole: Y, masked: O }) => (100 * Math.max(0, Y - O)) / Y,
  },
  increase: {
    title: "% Increase",
    paper: "Chattopadhay et al. 2018",
    better: "higher",
    of: ["probability", "logit"],
    term: ({ whole: Y, masked: O }) => (O > Y ? 100 : 0),
  },
  gain: {
    title: "Average Gain %",
    paper: "Zhang et al. 2024 (Opti-CAM)",
    better: "higher",
    of: ["probability"],
    term: ({ whole: Y, masked: O }) => (O > Y ? (100 * (O - Y)) / (1 - Y) : 0),
  },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;

/** The metrics that have a meaning for the confidence. */
export const metricsOf = (confidence: ConfidenceName): readonly MetricName[] =>
  (Object.keys(metrics) as MetricName[]).filter((name) => {
    const { of }: Metric = metrics[name];
    return of.includes(confidence);
  });

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
