import type { Tensor } from "../math/tensor.ts";

/** NaN and infinities spread through a sum, so that one addition an element finds them. (Float32 sums cannot overflow here.) */
function sumIsFinite(data: Float32Array | Float64Array): boolean {
  let [even, odd] = [0, 0];
  for (let i = 0; i < data.length; i += 2) {
    even += data[i] ?? 0;
    odd += data[i + 1] ?? 0;
  }
  return Number.isFinite(even + odd);
}

/**
 * Names of the constants that hold NaN or +∞, which no trained weight does. -∞ alone is how exporters write attention
 * masks, and is not reported.
 */
export const nonFiniteConstants = (constants: ReadonlyMap<string, Tensor>): readonly string[] =>
  [...constants].flatMap(([name, { data }]) => {
    const float = data instanceof Float32Array || data instanceof Float64Array;
    if (!float || sumIsFinite(data)) return [];
    return data.some((value) => Number.isNaN(value) || value === Infinity) ? [name] : [];
  });
