import type { FeatureGrid, FeatureLayout } from "../runtime/feature-grid.ts";
import type { Layer } from "../runtime/layers.ts";
import { ErfitError } from "../core/error.ts";
import { float32, type RealMap, type Tensor } from "../core/tensor.ts";

/** A layer's output for one image, or the gradient of a score by it: `C x H x W`, channel-major, row-major inside. */
export interface FeatureMap {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly data: Float32Array | Float64Array;
}

/** Where an element lies in a layer's tensor: `first + k · channel + cell · cell`. */
interface Strides {
  readonly first: number;
  readonly channel: number;
  readonly cell: number;
}

/** Prefix tokens (class, distillation, registers) are no part of the map. */
const strides: Readonly<Record<FeatureLayout, (grid: FeatureGrid) => Strides>> = {
  NCHW: ({ height, width }) => ({ first: 0, channel: height * width, cell: 1 }),
  NHWC: ({ channels }) => ({ first: 0, channel: 1, cell: channels }),
  NTC: ({ channels, prefixTokens }) => ({ first: prefixTokens * channels, channel: 1, cell: channels }),
  NCT: ({ height, width, prefixTokens }) => ({
    first: prefixTokens,
    channel: prefixTokens + height * width,
    cell: 1,
  }),
};

type NamedGrid = Pick<Layer, "name" | "grid">;

/**
 * The feature map in a layer's tensor of float32 or float64, whatever its layout; without a copy where that is NCHW.
 * @throws {ErfitError} where the tensor is not one image's output of the layer
 */
export function featureMapOf(tensor: Tensor, { name, grid }: NamedGrid): FeatureMap {
  const { channels, height, width, layout, prefixTokens } = grid;
  const cells = height * width;
  if (tensor.dtype !== "float32" && tensor.dtype !== "float64")
    throw new ErfitError(`layer "${name}": expected float32 or float64 features, found ${tensor.dtype}`);
  if (tensor.data.length !== channels * (prefixTokens + cells))
    throw new ErfitError(
      `layer "${name}": expected ${channels} channels of ${height} x ${width} cells${
        prefixTokens > 0 ? ` behind ${prefixTokens} tokens` : ""
      }, found [${tensor.shape.join(", ")}]`,
      { kind: "failure" },
    );
  if (layout === "NCHW") return { channels, height, width, data: tensor.data };
  const { first, channel, cell } = strides[layout](grid);
  const data = tensor.data.slice(0, channels * cells);
  for (let k = 0; k < channels; k++)
    for (let c = 0; c < cells; c++) data[k * cells + c] = tensor.data[first + k * channel + c * cell] ?? 0;
  return { channels, height, width, data };
}

/** The layer's tensor with its cells replaced; prefix tokens keep what they have `around`. */
export function layerTensor(
  { data }: FeatureMap,
  { grid }: NamedGrid,
  around: Tensor<"float32">,
): Tensor<"float32"> {
  const { channels, height, width, layout } = grid;
  const { first, channel, cell } = strides[layout](grid);
  const cells = height * width;
  const values = around.data.slice();
  for (let k = 0; k < channels; k++)
    for (let c = 0; c < cells; c++) values[first + k * channel + c * cell] = data[k * cells + c] ?? 0;
  return float32(around.shape, values);
}

/** The cells of one channel, a view. */
export const channelOf = ({ data, height, width }: FeatureMap, k: number): Float32Array | Float64Array =>
  data.subarray(k * height * width, (k + 1) * height * width);

/** An all-zero map of the feature map's height and width. */
export const emptyGrid = ({ height, width }: FeatureMap): RealMap => ({
  shape: [height, width],
  data: new Float64Array(height * width),
});

/** Differences within a channel that float32 explains, as a share of the greatest value. */
const rounding = 1e-4;

/** Whether each channel has one value at all of its cells, as a gradient has behind a mean over the cells. */
export function isEven(map: FeatureMap): boolean {
  let greatest = 0;
  for (const value of map.data) greatest = Math.max(greatest, Math.abs(value));
  for (let k = 0; k < map.channels; k++) {
    const cells = channelOf(map, k);
    const first = cells[0] ?? 0;
    if (cells.some((value) => Math.abs(value - first) > rounding * greatest)) return false;
  }
  return true;
}
