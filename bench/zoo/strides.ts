import { geometryOf } from "../../src/engine/geometry.ts";
import { layersOf } from "../../src/engine/layers.ts";
import type { Network } from "../../src/engine/network.ts";

/** Whether the strides of a network's layers fit the image. */
export interface Strides {
  /** Feature maps that are listed. */
  readonly layers: number;
  /** Those whose cells, a stride apart, cover an image of another size. */
  readonly wrong: readonly string[];
}

/** Share of the image that windows without padding may cut off its borders: 15 % of it in AlexNet and Inception v3. */
const border = 0.2;

/** Cells a stride apart cover the image: stride times cells is its size, within one stride or the border. */
const covers = (stride: number, cells: number, size: number): boolean =>
  Math.abs(stride * cells - size) <= Math.max(stride, border * size);

export function stridesOf(network: Network): Strides {
  const { height, width } = network.input;
  const layers = layersOf(network);
  const wrong = layers.flatMap((layer) => {
    const { grid } = layer;
    const [down, across] = geometryOf(network, layer).stride;
    if (covers(down, grid.height, height) && covers(across, grid.width, width)) return [];
    return [`${layer.name} (${layer.operator}): ${grid.height} x ${grid.width} cells at ${down}, ${across}`];
  });
  return { layers: layers.length, wrong };
}
