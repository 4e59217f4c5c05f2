import { upsample } from "../cam/upsamplers.ts";
import type { ImageLayout } from "../runtime/network.ts";
import type { Preprocessing } from "../input/preprocessing.ts";
import { float32, realMap, type Tensor } from "../core/tensor.ts";
import { channelsOf, withChannels } from "./channels.ts";

interface Fill {
  readonly title: string;
  /** What stands behind the mask, as an input tensor of the image's shape. */
  readonly behind: (
    image: Tensor<"float32">,
    layout: ImageLayout,
    colors: Pick<Preprocessing, "mean" | "std">,
  ) => Tensor<"float32">;
}

/** What takes the place of what a mask takes away: always a picture, in pixels, before mean and standard deviation. */
export const fills = {
  black: {
    title: "black",
    behind: (image, layout, { mean, std }) =>
      withChannels(image, layout, (plane, channel) =>
        plane.fill(Math.fround(-(mean[channel] ?? 0)) / Math.fround(std[channel] ?? 1)),
      ),
  },
  mean: {
    title: "the mean color that the preprocessing subtracts",
    behind: ({ shape, data }) => float32(shape, new Float32Array(data.length)),
  },
  blur: {
    title: "the photograph blurred",
    behind: blurred,
  },
} as const satisfies Record<string, Fill>;

export type FillName = keyof typeof fills;

/** Standard deviation of the blur as a share of the longer side: 10 pixels at 224, where Fong and Vedaldi 2017 see no object left. */
const blurShare = 10 / 224;

/**
 * A Gaussian blur whose kernel is renormalized at the borders: normalized Gaussian upsampling from every pixel to itself.
 * It commutes with mean and standard deviation, so the tensor may be blurred in place of the pixels.
 */
function blurred(image: Tensor<"float32">, layout: ImageLayout): Tensor<"float32"> {
  const { height, width } = channelsOf(image, layout);
  const sigma = blurShare * Math.max(height, width);
  const axis = { cell: 0, center: 0, stride: 1 };
  return withChannels(image, layout, (plane) => {
    const { data } = upsample(realMap(height, width, plane), [height, width], {
      by: "gaussian",
      sigmaX: sigma,
      sigmaY: sigma,
      position: "paper",
      normalize: true,
      anchor: { x: axis, y: axis },
    });
    return data;
  });
}
