import type { Operators } from "../../graph/operators.ts";
import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { inputCoordinate } from "../../graph/resize-coordinates.ts";
import { float32 } from "../../core/tensor.ts";
import type { Application } from "./pullback.ts";

type Resize = Operators["Resize"];

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

/** Where an output position lies in the input, and how far its kernel reaches on either side. */
function placed(attributes: Resize, axis: number, position: number, input: number) {
  const scale = attributes.scales[axis] ?? 1;
  const widening = attributes.antialias ? Math.max(1, 1 / scale) : 1;
  return {
    coordinate: inputCoordinate(attributes, axis, position, input),
    widening,
    reach: attributes.mode === "nearest" ? 0 : kernels[attributes.mode].reach * widening,
  };
}

/**
 * First and last element that an output position reads along one axis. Beyond the input's border they are not clamped:
 * there interpolation reads the border's element again.
 */
export function interpolationReach(
  attributes: Resize,
  axis: number,
  position: number,
  input: number,
): readonly [first: number, last: number] {
  const { coordinate, reach } = placed(attributes, axis, position, input);
  if (reach > 0) return [Math.floor(coordinate - reach) + 1, Math.ceil(coordinate + reach) - 1];
  const index = rounded[attributes.nearestMode](coordinate);
  const read = Math.min(input - 1, Math.max(0, index));
  return [Math.min(index, read), Math.max(index, read)];
}

/** Row `position` of the interpolation matrix along one axis: weights on the input's elements. */
function interpolationRow(attributes: Resize, axis: number, position: number, input: number): Float32Array {
  const { coordinate, widening, reach } = placed(attributes, axis, position, input);
  const row = new Float32Array(input);
  const clamp = (index: number) => Math.min(input - 1, Math.max(0, index));
  if (attributes.mode === "nearest") {
    row[clamp(rounded[attributes.nearestMode](coordinate))] = 1;
    return row;
  }
  const { weight } = kernels[attributes.mode];
  const weights = new Float64Array(input);
  let total = 0;
  for (let index = Math.ceil(coordinate - reach); index <= coordinate + reach; index++) {
    if (attributes.excludeOutside && index !== clamp(index)) continue;
    const share = weight(Math.abs(index - coordinate) / widening, attributes.cubicCoefficient);
    weights[clamp(index)] = (weights[clamp(index)] ?? 0) + share;
    total += share;
  }
  for (let index = 0; index < input; index++) row[index] = (weights[index] ?? 0) / total;
  return row;
}

/** The whole interpolation along one axis as a matrix [output, input]. */
function interpolationMatrix(attributes: Resize, axis: number, input: number): Float32Array {
  const output = attributes.shape[axis] ?? 1;
  const matrix = new Float32Array(output * input);
  for (let position = 0; position < output; position++) {
    matrix.set(interpolationRow(attributes, axis, position, input), position * input);
  }
  return matrix;
}

/** Resize is linear and separable: its adjoint is the transposed interpolation matrix of each resized axis. */
export function resizing(g: Builder, { x: [x], dy, attributes }: Application<"Resize">): readonly Value[] {
  const rank = x.shape.length;
  const adjoint = x.shape.reduce<Value>((value, extent, axis) => {
    const output = attributes.shape[axis] ?? 1;
    if (output === extent && (attributes.scales[axis] ?? 1) === 1) return value;
    const matrix = g.constant(float32([output, extent], interpolationMatrix(attributes, axis, extent)));
    const last = value.shape.map((_, k) => k).filter((k) => k !== axis);
    const perm = [...last, axis];
    const product = g.matmul(g.transpose(value, perm), matrix);
    return g.transpose(
      product,
      Array.from({ length: rank }, (_, k) => perm.indexOf(k)),
    );
  }, dy);
  return [adjoint];
}
