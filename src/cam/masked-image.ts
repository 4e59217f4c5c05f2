import { float32, type RealMap, type Tensor } from "../core/tensor.ts";
import type { ImageLayout } from "../runtime/network.ts";

// Hot loops throughout: indices are in range by construction.

/** Where the colors of an image tensor `[1, 3, H, W]` or `[1, H, W, 3]` lie. */
interface Planes {
  readonly count: number;
  readonly size: readonly [height: number, width: number];
  /** Elements from a channel to the next, and from a pixel to the next. */
  readonly channelStride: number;
  readonly pixelStride: number;
}

export function planesOf({ shape }: Tensor<"float32">, layout: ImageLayout): Planes {
  const [, a = 1, b = 1, c = 1] = shape;
  return layout === "NCHW"
    ? { count: a, size: [b, c], channelStride: b * c, pixelStride: 1 }
    : { count: c, size: [a, b], channelStride: 1, pixelStride: c };
}

/** A new image whose channels are made, one by one, of a copy of the old one's. */
export function withPlanes(
  image: Tensor<"float32">,
  layout: ImageLayout,
  of: (plane: Float64Array, channel: number) => Float64Array,
): Tensor<"float32"> {
  const { count, size, channelStride, pixelStride } = planesOf(image, layout);
  const [height, width] = size;
  const data = new Float32Array(image.data.length);
  for (let channel = 0; channel < count; channel++) {
    const at = (pixel: number): number => channel * channelStride + pixel * pixelStride;
    const plane = Float64Array.from({ length: height * width }, (_, pixel) => image.data[at(pixel)] ?? 0);
    of(plane, channel).forEach((value, pixel) => (data[at(pixel)] = value));
  }
  return float32(image.shape, data);
}

/**
 * `photograph · mask + fill · (1 - mask)` in pixels; without a fill the tensor itself times the mask. Mean and standard
 * deviation make the tensor an affine function of the pixels, and the two weights sum to 1: so the same sum of the tensors
 * is the tensor of the masked photograph.
 * @param mask how much of each pixel is kept, 0 to 1
 */
export function maskedImage(
  image: Tensor<"float32">,
  fill: Tensor<"float32"> | null,
  { data: mask }: RealMap,
  layout: ImageLayout,
): Tensor<"float32"> {
  const { count, channelStride, pixelStride } = planesOf(image, layout);
  const data = new Float32Array(image.data.length);
  for (let channel = 0; channel < count; channel++)
    for (let pixel = 0; pixel < mask.length; pixel++) {
      const at = channel * channelStride + pixel * pixelStride;
      const share = mask[pixel] ?? 0;
      const kept = (image.data[at] ?? 0) * share;
      data[at] = fill === null ? kept : kept + (fill.data[at] ?? 0) * (1 - share);
    }
  return float32(image.shape, data);
}
