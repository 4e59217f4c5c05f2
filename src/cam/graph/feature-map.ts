import type { FeatureGrid } from "../../runtime/feature-grid.ts";
import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";

/** The cells of a layer's tensor, or of the gradient by it, as `[C, H, W]`: tokens in front of the grid are cut off. */
export function channelsFirst(g: Builder, tensor: Value, grid: FeatureGrid): Value {
  const { layout, channels, height, width, prefixTokens } = grid;
  const cells = height * width;
  const channelsLast = (map: Value) => g.transpose(g.reshape(map, [height, width, channels]), [2, 0, 1]);
  switch (layout) {
    case "NCHW":
      return g.reshape(tensor, [channels, height, width]);
    case "NHWC":
      return channelsLast(tensor);
    case "NTC":
      return channelsLast(g.slice(tensor, [0, prefixTokens, 0], [1, cells, channels]));
    case "NCT":
      return g.reshape(g.slice(tensor, [0, 0, prefixTokens], [1, channels, cells]), [
        channels,
        height,
        width,
      ]);
  }
}
