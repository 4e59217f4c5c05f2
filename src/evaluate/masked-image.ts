import type { ImageLayout } from "../runtime/network.ts";
import { float32, type Tensor } from "../core/tensor.ts";
import { channelsOf } from "./channels.ts";
import type { Mask } from "./maskings.ts";

/**
 * `photograph · mask + fill · (1 - mask)` in pixels. Mean and standard deviation make the tensor an affine function of
 * the pixels, and the two weights sum to 1: so the same sum of the tensors is the tensor of the masked photograph.
 */
export function maskedImage(
  image: Tensor<"float32">,
  behind: Tensor<"float32">,
  mask: Mask,
  layout: ImageLayout,
): Tensor<"float32"> {
  const { count, channelStride, pixelStride } = channelsOf(image, layout);
  const data = new Float32Array(image.data.length);
  for (let channel = 0; channel < count; channel++) {
    for (let pixel = 0; pixel < mask.data.length; pixel++) {
      const at = channel * channelStride + pixel * pixelStride;
      const share = mask.data[pixel] ?? 0;
      data[at] = (image.data[at] ?? 0) * share + (behind.data[at] ?? 0) * (1 - share);
    }
  }
  return float32(image.shape, data);
}
