import { ErfitError } from "../math/error.ts";
import type { RealMap, Tensor } from "../math/tensor.ts";

/** A layer's output for one image, or the gradient of a score by it: `C x H x W`, channel-major, row-major inside. */
export interface FeatureMap {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly data: Float32Array | Float64Array;
}

/**
 * The feature map in a tensor `[1, C, H, W]` or `[C, H, W]` of float32 or float64; no copy.
 * @param name the layer, for the error
 */
export function featureMapOf(tensor: Tensor, name: string): FeatureMap {
  const [channels, height, width, ...more] = tensor.shape.length === 4 ? tensor.shape.slice(1) : tensor.shape;
  const oneImage = tensor.shape.length === 3 || tensor.shape[0] === 1;
  if (!oneImage || channels === undefined || height === undefined || width === undefined || more.length > 0)
    throw new ErfitError(
      `layer "${name}": a class activation map needs a feature map [1, C, H, W]; this one is [${tensor.shape.join(", ")}]`,
      { remedy: "name a layer before the pooling with --layer; `erfit layers MODEL` lists them" },
    );
  if (tensor.dtype !== "float32" && tensor.dtype !== "float64")
    throw new ErfitError(`layer "${name}": expected float32 or float64 features, found ${tensor.dtype}`);
  return { channels, height, width, data: tensor.data };
}

/** The cells of one channel, a view. */
export const channelOf = ({ data, height, width }: FeatureMap, k: number): Float32Array | Float64Array =>
  data.subarray(k * height * width, (k + 1) * height * width);

/** An all-zero map of the feature map's height and width. */
export const emptyGrid = ({ height, width }: FeatureMap): RealMap => ({
  shape: [height, width],
  data: new Float64Array(height * width),
});
