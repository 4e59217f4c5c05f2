import { geometryOf } from "../../src/runtime/geometry.ts";
import { layersOf, type Layer } from "../../src/runtime/layers.ts";
import type { Network } from "../../src/runtime/network.ts";

/** Whether the strides of a network's layers fit the image. */
export interface Strides {
  /** Feature maps that are listed. */
  readonly layers: number;
  /** Those whose cells, a stride apart, cover an image of another size. */
  readonly wrong: readonly string[];
}

/** Share of the image by which cells may cover less than it, and more. */
interface Slack {
  readonly less: number;
  readonly more: number;
}

/** Operators whose output covers another part of the image than its cells did: strips, and cells outside of it. */
const cutOrPadded = new Set(["Slice", "Split", "Gather", "Pad", "PadV2", "StridedSlice"]);

/**
 * Windows without padding cut off a border: 15 % of the image in AlexNet and Inception v3, four cells of eight in a small
 * network. Attention over windows pads maps until windows tile them. Upsampling that aligns corners begins at the centers of
 * the outermost cells.
 */
function slackOf({ graph }: Network): Slack {
  const nodes = graph?.nodes ?? [];
  const padded = nodes.some(({ op }) => op === "Pad");
  const aligned = nodes.some(
    (node) => node.op === "Resize" && node.attributes.coordinateTransformation === "align_corners",
  );
  return { less: aligned ? 0.5 : 0.2, more: padded ? 0.8 : 0.2 };
}

/** Cells that windows without padding may cost on one axis. */
const lostCells = 4.5;

/** Cells a stride apart cover the image: stride times cells is its size, within one stride or the slack. */
function covers(stride: number, cells: number, size: number, { less, more }: Slack): boolean {
  const off = stride * cells - size;
  const border = Math.max(stride, less * size, Math.min(lostCells * stride, size / 2));
  return off <= Math.max(stride, more * size) && -off <= border;
}

export function stridesOf(network: Network): Strides {
  const { height, width } = network.input;
  const layers = layersOf(network);
  const slack = slackOf(network);
  const described = (layer: Layer): string | undefined => {
    const { name, operator, grid } = layer;
    const [down, across] = geometryOf(network, layer).stride;
    return covers(down, grid.height, height, slack) && covers(across, grid.width, width, slack)
      ? undefined
      : `${name} (${operator}): ${grid.height} x ${grid.width} cells at ${down}, ${across}`;
  };
  const whole = layers.filter(({ operator }) => !cutOrPadded.has(operator));
  return { layers: layers.length, wrong: whole.flatMap((layer) => described(layer) ?? []) };
}
