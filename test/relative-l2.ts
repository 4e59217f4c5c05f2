/** ||found - expected|| / ||expected||. */
export function relativeL2(found: Float32Array, expected: Float32Array | Float64Array): number {
  let [difference, norm] = [0, 0];
  expected.forEach((value, i) => {
    difference += ((found[i] ?? 0) - value) ** 2;
    norm += value ** 2;
  });
  return Math.sqrt(difference / norm);
}
