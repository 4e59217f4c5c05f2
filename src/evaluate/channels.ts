import type { ImageLayout } from "../runtime/network.ts";
import { float32, type Tensor } from "../core/tensor.ts";

/** Where the colors of an image tensor `[1, 3, H, W]` or `[1, H, W, 3]` lie. */
interface Channels {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** Elements from a channel to the next, and from a pixel to the next. */
  readonly channelStride: number;
  readonly pixelStride: number;
}

export function channelsOf({ shape }: Tensor<"float32">, layout: ImageLayout): Channels {
  const [, a = 1, b = 1, c = 1] = shape;
  return layout === "NCHW"
    ? { count: a, height: b, width: c, channelStride: b * c, pixelStride: 1 }
    : { count: c, height: a, width: b, channelStride: 1, pixelStride: c };
}

/** A new image whose channels are made, one by one, of a copy of the old one's. */
export function withChannels(
  image: Tensor<"float32">,
  layout: ImageLayout,
  of: (plane: Float64Array, channel: number) => Float64Array,
): Tensor<"float32"> {
  const { count, height, width, channelStride, pixelStride } = channelsOf(image, layout);
  const data = new Float32Array(image.data.length);
  for (let channel = 0; channel < count; channel++) {
    const at = (pixel: number): number => channel * channelStride + pixel * pixelStride;
    const plane = Float64Array.from({ length: height * width }, (_, pixel) => image.data[at(pixel)] ?? 0);
    of(plane, channel).forEach((value, pixel) => (data[at(pixel)] = value));
  }
  return float32(image.shape, data);
}
