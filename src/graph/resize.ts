import { at } from "../core/required.ts";
import type { Operators, ResizeAxis } from "./operators.ts";
import type { Interval, Sampling } from "./window.ts";

type Resize = Operators["Resize"];

/** A Resize along one of its axes, of an input of that extent. */
export interface Resized {
  readonly attributes: Resize;
  readonly axis: ResizeAxis;
  readonly input: number;
}

/** Input coordinate of an output position (ONNX Resize, `coordinate_transformation_mode`). */
type Coordinate = (position: number, scale: number, input: number, output: number) => number;

const coordinates: Readonly<Record<Resize["coordinateTransformation"], Coordinate>> = {
  half_pixel: (position, scale) => (position + 0.5) / scale - 0.5,
  half_pixel_symmetric: (position, scale, input, output) => {
    const adjustment = output / (scale * input);
    return (input / 2) * (1 - adjustment) + (position + 0.5) / scale - 0.5;
  },
  pytorch_half_pixel: (position, scale, _, output) => (output > 1 ? (position + 0.5) / scale - 0.5 : 0),
  align_corners: (position, _, input, output) => (output > 1 ? (position * (input - 1)) / (output - 1) : 0),
  asymmetric: (position, scale) => position / scale,
};

const rounded: Readonly<Record<Resize["nearestMode"], (coordinate: number) => number>> = {
  round_prefer_floor: (coordinate) => Math.ceil(coordinate - 0.5),
  round_prefer_ceil: (coordinate) => Math.floor(coordinate + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** Interpolation kernels with their half-width; `a` is the cubic coefficient (Keys 1981). */
const kernels = {
  linear: { reach: 1, weight: (distance: number) => Math.max(0, 1 - distance) },
  cubic: {
    reach: 2,
    weight: (distance: number, a: number) => {
      if (distance <= 1) return (a + 2) * distance ** 3 - (a + 3) * distance ** 2 + 1;
      return distance < 2 ? a * (distance ** 3 - 5 * distance ** 2 + 8 * distance - 4) : 0;
    },
  },
} as const;

/** Whether a Resize leaves an axis as it is. */
export const isUnchanged = ({ axis, input }: Resized): boolean => axis.scale === 1 && axis.extent === input;

const coordinateOf = ({ attributes, axis, input }: Resized, position: number): number =>
  coordinates[attributes.coordinateTransformation](position, axis.scale, input, axis.extent);

/** How far an output position's kernel reaches on either side, and by how much antialiasing widens it. */
function widthOf({ attributes: { antialias, mode }, axis }: Resized) {
  const widening = antialias ? Math.max(1, 1 / axis.scale) : 1;
  return { widening, reach: mode === "nearest" ? 0 : kernels[mode].reach * widening };
}

/** Where the outputs lie. Every coordinate transformation of ONNX is affine. */
export function resizeSampling(resized: Resized): Sampling {
  const { attributes, axis, input } = resized;
  // A single position stands for all of the input, wherever it reads it.
  if (axis.extent === 1) return { start: (input - 1) / 2, step: input };
  const start = coordinateOf(resized, 0);
  const step = coordinateOf(resized, 1) - start;
  // Copies of a position that are counted from its first one: their middle is half of them further on.
  const { mode, coordinateTransformation, nearestMode } = attributes;
  const copies = mode === "nearest" && coordinateTransformation === "asymmetric" && nearestMode === "floor";
  return copies && step < 1 ? divisions(1 / step) : { start, step };
}

/** Every position divided into `count`. */
export const divisions = (count: number): Sampling => ({ start: (1 / count - 1) / 2, step: 1 / count });

/**
 * First and last element that an output position reads. Beyond the input's border they are not clamped: there interpolation
 * reads the border's element again.
 */
export function interpolationReach(resized: Resized, position: number): Interval {
  const coordinate = coordinateOf(resized, position);
  const { reach } = widthOf(resized);
  if (reach > 0) return [Math.floor(coordinate - reach) + 1, Math.ceil(coordinate + reach) - 1];
  const index = rounded[resized.attributes.nearestMode](coordinate);
  const read = Math.min(resized.input - 1, Math.max(0, index));
  return [Math.min(index, read), Math.max(index, read)];
}

/** Row `position` of the interpolation matrix: weights on the input's elements. */
function interpolationRow(resized: Resized, position: number): Float32Array {
  const { attributes, input } = resized;
  const coordinate = coordinateOf(resized, position);
  const { widening, reach } = widthOf(resized);
  const row = new Float32Array(input);
  const clamp = (index: number) => Math.min(input - 1, Math.max(0, index));
  if (attributes.mode === "nearest") {
    row[clamp(rounded[attributes.nearestMode](coordinate))] = 1;
    return row;
  }
  const { weight } = kernels[attributes.mode];
  const weights = new Array<number>(input).fill(0);
  let total = 0;
  for (let index = Math.ceil(coordinate - reach); index <= coordinate + reach; index++) {
    if (attributes.excludeOutside && index !== clamp(index)) continue;
    const share = weight(Math.abs(index - coordinate) / widening, attributes.cubicCoefficient);
    weights[clamp(index)] = at(weights, clamp(index)) + share;
    total += share;
  }
  weights.forEach((share, index) => (row[index] = share / total));
  return row;
}

/** The whole interpolation as a matrix [output, input]. */
export function interpolationMatrix(resized: Resized): Float32Array {
  const { axis, input } = resized;
  const matrix = new Float32Array(axis.extent * input);
  for (let position = 0; position < axis.extent; position++)
    matrix.set(interpolationRow(resized, position), position * input);
  return matrix;
}
