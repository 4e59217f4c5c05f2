import { planesOf, withPlanes } from "../cam/masked-image.ts";
import { minMax } from "../cam/normalizations.ts";
import { upsample } from "../cam/upsamplers.ts";
import { arrays, realMapOf } from "../core/algebra.ts";
import { at } from "../core/required.ts";
import { float32, realMap, type RealMap, type Tensor } from "../core/tensor.ts";
import type { Preprocessing } from "../input/preprocessing.ts";
import type { ImageLayout } from "../runtime/network.ts";

/** How much of each pixel a masked photograph keeps, 0 to 1; row-major, of the network's input size. */
export type Mask = RealMap;

interface Masking {
  readonly title: string;
  readonly paper: string;
  /** @param keep share of the pixels to keep, 0 to 1; read by relative masking */
  readonly mask: (map: RealMap, keep: number) => Mask;
}

/** How a map becomes a mask. */
export const maskings = {
  full: {
    title: "full masking: pixels times the map, moved and scaled to [0, 1]",
    paper: "Chattopadhay et al. 2018",
    mask: (map) => realMapOf(minMax(arrays, map)),
  },
  relative: {
    title: "relative masking: the pixels where the map is highest",
    paper: "Kim et al. 2021",
    mask: highest,
  },
} as const satisfies Record<string, Masking>;

export type MaskingName = keyof typeof maskings;

/**
 * 1 where a pixel is among the highest `keep` of all, else 0. Pixels as high as the last of them stay as well: no order is
 * made up among equals, so a map with ties there (a ReLU leaves many zeros) keeps more.
 */
function highest({ shape: [height, width], data }: RealMap, keep: number): Mask {
  const pixels = data.length;
  const last = at(data.toSorted(), pixels - Math.max(1, Math.round(keep * pixels)));
  return realMap(
    height,
    width,
    data.map((value) => (value >= last ? 1 : 0)),
  );
}

/** Mean of the mask: the share of the photograph that is left, and of a full mask its softness. */
export const keptBy = ({ data }: Mask): number => data.reduce((sum, value) => sum + value, 0) / data.length;

interface Fill {
  readonly title: string;
  /** What shows where the mask is 0, as an input tensor of the image's shape. */
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
      withPlanes(image, layout, (plane, channel) =>
        plane.fill(Math.fround(-at(mean, channel)) / Math.fround(at(std, channel))),
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
  const { size } = planesOf(image, layout);
  const [height, width] = size;
  const sigma = blurShare * Math.max(height, width);
  const axis = { cell: 0, center: 0, stride: 1 };
  return withPlanes(image, layout, (plane) => {
    const { data } = upsample(realMap(height, width, plane), size, {
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
