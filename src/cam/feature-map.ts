import { ErfitError } from "../math/error.ts";
import type { RealMap, Tensor } from "../math/tensor.ts";

/** A layer's output for one image, or the gradient of a score by it: `C x H x W`, channel-major, row-major inside. */
export interface FeatureMap {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly data: Float32Array | Float64Array;
}

/** Channels last to channels first. */
function channelMajor(data: Float32Array | Float64Array, cells: number, channels: number) {
  const planes = data.slice();
  for (let cell = 0; cell < cells; cell++)
    for (let channel = 0; channel < channels; channel++)
      planes[channel * cells + cell] = data[cell * channels + channel] ?? 0;
  return planes;
}

/**
 * The feature map in a tensor `[1, C, H, W]` or `[C, H, W]` of float32 or float64, without a copy; or in one with its
 * channels last, `[1, H, W, C]`.
 * @param name the layer, for the error
 */
export function featureMapOf(tensor: Tensor, name: string, channelsLast = false): FeatureMap {
  const extents = tensor.shape.length === 4 ? tensor.shape.slice(1) : tensor.shape;
  const [channels, height, width, ...more] = channelsLast
    ? [...extents.slice(-1), ...extents.slice(0, -1)]
    : extents;
  const oneImage = tensor.shape.length === 3 || tensor.shape[0] === 1;
  if (!oneImage || channels === undefined || height === undefined || width === undefined || more.length > 0)
    throw new ErfitError(
      `layer "${name}": a class activation map needs a feature map [1, C, H, W]; this one is [${tensor.shape.join(", ")}]`,
      { remedy: "name a layer before the pooling with --layer; `erfit layers MODEL` lists them" },
    );
  if (tensor.dtype !== "float32" && tensor.dtype !== "float64")
    throw new ErfitError(`layer "${name}": expected float32 or float64 features, found ${tensor.dtype}`);
  const data = channelsLast ? channelMajor(tensor.data, height * width, channels) : tensor.data;
  return { channels, height, width, data };
}

/** The cells of one channel, a view. */
export const channelOf = ({ data, height, width }: FeatureMap, k: number): Float32Array | Float64Array =>
  data.subarray(k * height * width, (k + 1) * height * width);

/** An all-zero map of the feature map's height and width. */
export const emptyGrid = ({ height, width }: FeatureMap): RealMap => ({
  shape: [height, width],
  data: new Float64Array(height * width),
});
