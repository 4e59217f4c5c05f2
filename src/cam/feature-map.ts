import type { FeatureGrid, FeatureLayout } from "../runtime/feature-grid.ts";
import { layerText, type Layer } from "../runtime/layers.ts";
import type { RealArray } from "../core/algebra.ts";
import { ErfitError } from "../core/error.ts";
import { float32, sizeOf, type Tensor } from "../core/tensor.ts";
import type { Builder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";

// Hot loops throughout: indices are in range by construction.

/** A layer's output for one image, or the gradient of a score by it: channels first, then the axes of the grid. */
export interface FeatureMap extends RealArray {
  readonly shape: readonly [channels: number, height: number, width: number];
}

const channelsLast: Readonly<Record<FeatureLayout, boolean>> = {
  NCHW: false,
  NHWC: true,
  NTC: true,
  NCT: false,
};

/** Where a cell's elements lie in a layer's tensor, `first + k · channel + cell · cell`: tokens before the grid are no part of it. */
const strides = ({ layout, channels, height, width, prefixTokens }: FeatureGrid) =>
  channelsLast[layout]
    ? { first: prefixTokens * channels, channel: 1, cell: channels }
    : { first: prefixTokens, channel: prefixTokens + height * width, cell: 1 };

type NamedGrid = Pick<Layer, "name" | "label" | "grid">;

/**
 * The feature map in a layer's tensor of float32 or float64, whatever its layout; without a copy where that is NCHW.
 * @throws {ErfitError} where the tensor is not one image's output of the layer
 */
export function featureMapOf(tensor: Tensor, layer: NamedGrid): FeatureMap {
  const { grid } = layer;
  const { channels, height, width, layout, prefixTokens } = grid;
  const cells = height * width;
  if (tensor.dtype !== "float32" && tensor.dtype !== "float64")
    throw new ErfitError(
      `layer ${layerText(layer)}: expected float32 or float64 features, found ${tensor.dtype}`,
    );
  if (tensor.data.length !== channels * (prefixTokens + cells))
    throw new ErfitError(
      `layer ${layerText(layer)}: expected ${channels} channels of ${height} x ${width} cells${
        prefixTokens > 0 ? ` after ${prefixTokens} tokens` : ""
      }, found [${tensor.shape.join(", ")}]`,
      { kind: "failure" },
    );
  const shape = [channels, height, width] as const;
  if (layout === "NCHW") return { shape, data: tensor.data };
  const { first, channel, cell } = strides(grid);
  const data = tensor.data.slice(0, channels * cells);
  for (let k = 0; k < channels; k++)
    for (let c = 0; c < cells; c++) data[k * cells + c] = tensor.data[first + k * channel + c * cell] ?? 0;
  return { shape, data };
}

/** The layer's tensor with its cells replaced; prefix tokens keep what they have `around`. */
export function layerTensor(
  { data }: FeatureMap,
  { grid }: NamedGrid,
  around: Tensor<"float32">,
): Tensor<"float32"> {
  const { channels, height, width } = grid;
  const { first, channel, cell } = strides(grid);
  const cells = height * width;
  const values = around.data.slice();
  for (let k = 0; k < channels; k++)
    for (let c = 0; c < cells; c++) values[first + k * channel + c * cell] = data[k * cells + c] ?? 0;
  return float32(around.shape, values);
}

/** The same of a tensor in a graph, or of the gradient by it: `[channels, height, width]`. */
export function featuresIn(g: Builder, tensor: Value, grid: FeatureGrid): Value {
  const { layout, channels, height, width, prefixTokens } = grid;
  const cells = height * width;
  const last = channelsLast[layout];
  const inGrid =
    prefixTokens === 0
      ? tensor
      : last
        ? g.slice(tensor, [0, prefixTokens, 0], [1, cells, channels])
        : g.slice(tensor, [0, 0, prefixTokens], [1, channels, cells]);
  return last
    ? g.transpose(g.reshape(inGrid, [height, width, channels]), [2, 0, 1])
    : g.reshape(inGrid, [channels, height, width]);
}

/** The cells of one channel, a view. */
export function channelOf({ shape: [, ...grid], data }: FeatureMap, k: number): Float32Array | Float64Array {
  const cells = sizeOf(grid);
  return data.subarray(k * cells, (k + 1) * cells);
}

/** Differences within a channel that float32 explains, as a share of the greatest value. */
const rounding = 1e-4;

/** Whether each channel has one value at all of its cells, as a gradient has that comes from a mean over the cells. */
export function isEven(map: FeatureMap): boolean {
  const [channels] = map.shape;
  let greatest = 0;
  for (const value of map.data) greatest = Math.max(greatest, Math.abs(value));
  for (let k = 0; k < channels; k++) {
    const cells = channelOf(map, k);
    const first = cells[0] ?? 0;
    if (cells.some((value) => Math.abs(value - first) > rounding * greatest)) return false;
  }
  return true;
}
