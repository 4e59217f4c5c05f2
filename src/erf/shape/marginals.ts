import type { RealMap } from "../../core/tensor.ts";

/** Sums of a map over its columns (a profile along x) and over its rows (along y). */
export interface Marginals {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

export function marginalsOf({ shape: [height, width], data }: RealMap): Marginals {
  const [x, y] = [new Float64Array(width), new Float64Array(height)];
  data.forEach((value, pixel) => {
    const row = Math.floor(pixel / width);
    x[pixel - row * width] = (x[pixel - row * width] ?? 0) + value;
    y[row] = (y[row] ?? 0) + value;
  });
  return { x, y };
}
