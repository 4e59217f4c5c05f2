import { float32, type Tensor } from "../core/tensor.ts";
import type { Preprocessing } from "./preprocessing.ts";
import type { Raster } from "./raster.ts";

/** Where a network's input has its channels. */
export type Layout = "NCHW" | "NHWC";

/**
 * `x[c] = (pixel[channelOrder[c]] - mean[c]) / std[c]`, as `[1, 3, H, W]` or `[1, H, W, 3]`.
 * Every step is rounded to float32, as NumPy and torchvision do it, so that inputs are theirs bit for bit. A channel has
 * 256 possible values: they are worked out once and looked up.
 */
export function normalize(raster: Raster, preprocessing: Preprocessing, layout: Layout): Tensor<"float32"> {
  const { height, width, data } = raster;
  const pixels = height * width;
  const x = new Float32Array(pixels * 3);
  const [channelStride, pixelStride] = layout === "NCHW" ? [pixels, 1] : [1, 3];
  for (let c = 0; c < 3; c++) {
    const values = channelValues(preprocessing, c);
    const from = "RGB".indexOf(preprocessing.channelOrder.charAt(c));
    for (let i = 0; i < pixels; i++)
      x[c * channelStride + i * pixelStride] = values[data[i * 3 + from] ?? 0] ?? 0;
  }
  return float32(layout === "NCHW" ? [1, 3, height, width] : [1, height, width, 3], x);
}

function channelValues({ scale, mean, std }: Preprocessing, c: number): Float32Array {
  const { fround } = Math;
  const [center, spread] = [fround(mean[c] ?? 0), fround(std[c] ?? 1)];
  return Float32Array.from({ length: 256 }, (_, gray) => {
    const light = scale === "0-1" ? fround(gray / 255) : gray;
    return fround(light - center) / spread;
  });
}
