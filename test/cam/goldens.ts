import { existsSync, readFileSync } from "node:fs";
import type { GaussianSpread } from "../../src/cam/upsamplers.ts";
import { readMap, readNpy } from "../../src/core/npy.ts";
import type { RealMap, Tensor } from "../../src/core/tensor.ts";
import { readJson, referencePath } from "../reference.ts";

/** Maps of pytorch-grad-cam and of Kim et al.'s formulas, in the reference folder `cams`. */
export interface CamCase {
  readonly model: string;
  readonly case: number;
  /** The layer. */
  readonly target: string;
  readonly classIndex: number;
  readonly inputShape: readonly [number, number, number, number];
}

export const camCases = (): readonly CamCase[] =>
  readJson(referencePath("cams", "manifest.json")) as readonly CamCase[];

const pathOf = ({ model, case: index }: CamCase, what: string): string =>
  referencePath("cams", model, String(index), `${what}.npy`);

export const hasGolden = (of: CamCase, what: string): boolean => existsSync(pathOf(of, what));

export function goldenTensor(of: CamCase, what: string): Tensor<"float32"> {
  const tensor = readNpy(readFileSync(pathOf(of, what)), what);
  if (tensor.dtype !== "float32") throw new Error(`${what} is ${tensor.dtype}`);
  return tensor;
}

export const goldenMap = (of: CamCase, what: string): RealMap =>
  readMap(readFileSync(pathOf(of, what)), what);

/** Table 1's sigmas, which belong to 224 pixels, on the axes of another input; cell i at (w/u) i, no normalization. */
export function paperSpread(height: number, width: number): GaussianSpread {
  const unused = { cell: 0, center: 0, stride: 0 };
  return {
    sigmaX: (31.7797 * width) / 224,
    sigmaY: (33.3606 * height) / 224,
    position: "paper",
    normalize: false,
    anchor: { x: unused, y: unused },
  };
}

/** Largest difference of two maps, as a share of the range of the second. */
export function worstShareOfRange(found: RealMap, expected: RealMap): number {
  const range = Math.max(...expected.data) - Math.min(...expected.data);
  return (
    expected.data.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (found.data[i] ?? NaN))), 0) /
    range
  );
}
