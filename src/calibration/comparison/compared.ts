import type { UsableFit } from "../read.ts";
import type { Calibration } from "../schema.ts";

/** A calibration that stands beside others. */
export interface ComparedErf {
  /** What it is called in tables and figures. */
  readonly label: string;
  /** Of its file, for messages. */
  readonly path: string;
  readonly calibration: Calibration;
  readonly fit: UsableFit;
}

export const axes = ["x", "y"] as const;
export type Axis = (typeof axes)[number];

export const sigmaNames = { x: "sigmaX", y: "sigmaY" } as const;

/** Extent of the network's input along an axis, pixels. */
export function inputSide({ model: { input } }: Calibration, axis: Axis): number {
  const places = input.layout === "NCHW" ? { y: 2, x: 3 } : { y: 1, x: 2 };
  return input.shape[places[axis]] ?? Number.NaN;
}

export const inputSize = (calibration: Calibration): string =>
  `${inputSide(calibration, "x")} x ${inputSide(calibration, "y")}`;

/** Whether all networks see images of one size, so that pixels can be compared. */
export const sameInput = (compared: readonly ComparedErf[]): boolean =>
  new Set(compared.map(({ calibration }) => inputSize(calibration))).size <= 1;

/** Whether all are of one network, so that they compare layers. */
export const sameNetwork = (compared: readonly ComparedErf[]): boolean =>
  new Set(compared.map(({ calibration: { model } }) => model.sha256)).size === 1;
