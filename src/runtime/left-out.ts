import { sizeOf } from "../core/tensor.ts";
import { featureGrid, countsCells, gridOf, spelledGrid } from "./feature-grid.ts";
import { isBeforeHead, type Layer } from "./layers.ts";
import type { Network, TensorInfo } from "./network.ts";

/** Why a tensor that looks like a feature map is none that can be probed. */
type Reason = "partial" | "unordered" | "unfollowed";

const sentences: Readonly<Record<Reason, (tensor: TensorInfo, lost: string) => string>> = {
  partial: () => "they cover only a part of the image",
  unordered: ({ axes = [] }) =>
    `their axes count ${axes.map(({ counts }) => counts).join(", ")}, which is not the order of a feature map`,
  unfollowed: (_, lost) => `the image's rows and columns cannot be followed through ${lost}`,
};

/** Whether the image's rows and columns are both among the axes of one map. */
const hasBoth = ({ axes = [] }: TensorInfo): boolean =>
  axes.length === 4 &&
  ["rows", "columns"].every((direction) => axes.some(({ counts }) => counts === direction));

/** Whether a shape alone could be that of a map. Where an operator is not followed, its aspect tells nothing. */
function looksLikeMap({ shape, axes }: TensorInfo, { input }: Network): boolean {
  if (shape.length !== 4 || shape[0] !== 1) return false;
  const spatial = input.layout === "NCHW" ? shape.slice(2) : shape.slice(1, 3);
  if (axes === undefined) return spatial.every((extent) => extent > 1);
  const grid = featureGrid(shape, input);
  return grid !== null && grid.height > 1 && grid.width > 1;
}

function reasonOf(tensor: TensorInfo, network: Network): Reason | null {
  const { axes, shape } = tensor;
  if (sizeOf(shape) === 1) return null;
  if (axes === undefined || !countsCells(tensor)) {
    const listed = axes === undefined && gridOf(tensor, network.input) !== null;
    return !listed && looksLikeMap(tensor, network) ? "unfollowed" : null;
  }
  if (spelledGrid(axes) !== null) return gridOf(tensor, network.input) === null ? "partial" : null;
  return hasBoth(tensor) && shape[0] === 1 ? "unordered" : null;
}

/**
 * A sentence on the feature maps that are computed after a layer and before the network's head, but cannot be probed: how many
 * and why. Null where there are none.
 */
export function leftOutAfter(network: Network, layer: Layer): string | null {
  const { tensors } = network;
  const later = tensors.slice(tensors.findIndex(({ name }) => name === layer.name) + 1).filter(isBeforeHead);
  const leftOut = later.flatMap((tensor) => {
    const reason = reasonOf(tensor, network);
    return reason === null ? [] : [{ tensor, reason }];
  });
  const [first] = leftOut;
  if (first === undefined) return null;
  const lost = later.find(({ axes }) => axes === undefined)?.operator ?? first.tensor.operator;
  const { name, shape } = first.tensor;
  const maps = leftOut.length === 1 ? "1 later feature map is" : `${leftOut.length} later feature maps are`;
  return `${maps} not listed, ${leftOut.length === 1 ? "" : "the first one "}"${name}" [${shape.join(", ")}]: ${sentences[first.reason](first.tensor, lost)}`;
}
