/** Softmax, in float64. */
export function softmax(scores: Float32Array | Float64Array): Float64Array {
  let top = -Infinity;
  for (const score of scores) top = Math.max(top, score);
  const powers = Float64Array.from(scores, (score) => Math.exp(score - top));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

export const sigmoid = (score: number): number => 1 / (1 + Math.exp(-score));

/** Index of the largest score; the first of them on a tie, as ONNX's ArgMax chooses. */
export function largest(scores: Float32Array): number {
  let best = 0;
  scores.forEach((score, index) => {
    if (score > (scores[best] ?? -Infinity)) best = index;
  });
  return best;
}
