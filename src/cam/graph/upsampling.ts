import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { float32, type RealMap } from "../../core/tensor.ts";
import { upsamplingMatrices, type Upsampling } from "../upsamplers.ts";

/** `Wy · L · Wxᵀ`: the grid `[rows, columns]` at `[height, width]` pixels, by two products with constant matrices. */
export function upsampled(
  g: Builder,
  grid: Value,
  size: readonly [height: number, width: number],
  upsampling: Upsampling,
): Value {
  const [rows = 1, columns = 1] = grid.shape;
  const { y, x } = upsamplingMatrices([rows, columns], size, upsampling);
  const constant = ({ shape, data }: RealMap) => g.constant(float32(shape, Float32Array.from(data)));
  return g.matmul(g.matmul(constant(y), grid), g.transpose(constant(x), [1, 0]));
}
