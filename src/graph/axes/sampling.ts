import type { Operators, Window } from "../operators.ts";
import { inputCoordinate } from "../resize-coordinates.ts";
import { divisions, type Sampling } from "./placement.ts";

/** The middles of a sliding window, on each spatial axis. */
export const windowSampling = ({ kernelShape, strides, dilations, pads }: Window): readonly Sampling[] =>
  kernelShape.map((kernel, axis) => ({
    start: ((dilations[axis] ?? 1) * (kernel - 1)) / 2 - (pads[axis] ?? 0),
    step: strides[axis] ?? 1,
  }));

/** The other way round: where the outputs of a transposed window lie among its inputs. */
export const transposedSampling = (window: Window): readonly Sampling[] =>
  windowSampling(window).map(({ start, step }) => ({ start: -start / step, step: 1 / step }));

/** Where the outputs of a Resize lie on one axis. Every coordinate transformation of ONNX is affine. */
export function resizeSampling(attributes: Operators["Resize"], axis: number, input: number): Sampling {
  const at = (position: number) => inputCoordinate(attributes, axis, position, input);
  // A single position stands for all of the input, wherever it reads it.
  if (attributes.shape[axis] === 1) return { start: (input - 1) / 2, step: input };
  const step = at(1) - at(0);
  // Copies of a position that are counted from its first one: their middle is half of them further on.
  const { mode, coordinateTransformation, nearestMode } = attributes;
  const copies = mode === "nearest" && coordinateTransformation === "asymmetric" && nearestMode === "floor";
  return copies && step < 1 ? divisions(1 / step) : { start: at(0), step };
}
