import type { Tensor } from "../core/tensor.ts";
import { piecesOf } from "./file/stored-bytes.ts";

/** Tells whether values hold NaN or +∞. */
type Suspect = (values: Float32Array | Float64Array) => boolean;

/** NaN and infinities spread through a sum, so that one addition an element finds them. (Float32 sums cannot overflow here.) */
function sumIsFinite(data: Float32Array | Float64Array): boolean {
  let [even, odd] = [0, 0];
  for (let i = 0; i < data.length; i += 2) {
    // Hot loop: the index is in range but for the odd one of a last pair.
    even += data[i] ?? 0;
    odd += data[i + 1] ?? 0;
  }
  return Number.isFinite(even + odd);
}

const broken: Suspect = (values) =>
  !sumIsFinite(values) && values.some((value) => Number.isNaN(value) || value === Infinity);

const views = {
  float32: (...[buffer, offset, bytes]: Memory) => new Float32Array(buffer, offset, bytes / 4),
  float64: (...[buffer, offset, bytes]: Memory) => new Float64Array(buffer, offset, bytes / 8),
} as const;
type Memory = readonly [buffer: ArrayBufferLike, byteOffset: number, byteLength: number];

function isBroken(tensor: Tensor): boolean {
  if (tensor.dtype !== "float32" && tensor.dtype !== "float64") return false;
  const view = views[tensor.dtype];
  for (const { buffer, byteOffset, byteLength } of piecesOf(tensor))
    if (broken(view(buffer, byteOffset, byteLength))) return true;
  return false;
}

/**
 * Names of the constants that hold NaN or +∞, which no trained weight does. -∞ alone is how exporters write attention
 * masks, and is not reported.
 */
export const nonFiniteConstants = (constants: ReadonlyMap<string, Tensor>): readonly string[] =>
  [...constants].flatMap(([name, tensor]) => (isBroken(tensor) ? [name] : []));
