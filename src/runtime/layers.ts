import type { CellObjective } from "../autodiff/objective.ts";
import { barrierOf } from "../autodiff/unsupported.ts";
import { ErfitError, optionText } from "../core/error.ts";
import { fixedSums } from "../graph/fixed-sums.ts";
import { dependents, type Graph } from "../graph/graph.ts";
import { cellAt, type FeatureGrid, countsCells, gridOf, type StatedGrid } from "./feature-grid.ts";
import { layerNames, matchingNames, nearestNames, stageNames } from "./layer-names.ts";
import type { Network, TensorInfo } from "./network.ts";

/**
 * Whether the sum over a layer's channels is the same for every image, so that the gradient of an objective is rounding noise:
 * see `fixedSums`. Of an engine without a graph only a softmax is known.
 */
export function fixedSumsIn({
  graph,
}: Pick<Network, "graph">): (layer: Layer, kind: CellObjective["kind"]) => boolean {
  if (graph === null) return ({ operator }) => operator === "Softmax";
  const sums = fixedSums(graph);
  return ({ name, grid }, kind) => {
    const sum = sums.get(name)?.get(cellAt(grid, 0, 0).indexOf(null));
    return kind === "rectified-sum" ? sum === "of shares" : sum !== undefined;
  };
}

/** Whether a tensor is computed from another alone, on whatever path. */
function determines(graph: Graph, name: string, target: string): boolean {
  const nodes = graph.nodes.filter(({ outputs }) => outputs.every((output) => output.name !== name));
  const images = graph.inputs.map((input) => input.name);
  return !dependents({ ...graph, nodes }, images).has(target);
}

/**
 * The layers that may be a default: none whose channels' sum is the same for every image. Where such a layer is the last of
 * all, nor what a softmax or normalization that is written out computes on its way: only layers that it is computed from alone.
 */
function withoutFixedSums(network: Network, layers: readonly Layer[]): readonly Layer[] {
  const isFixed = fixedSumsIn(network);
  const varying = layers.filter((layer) => !isFixed(layer, "channel-mean"));
  const last = layers.at(-1);
  const { graph } = network;
  if (graph === null || last === undefined || varying.includes(last)) return varying;
  const before = varying.filter(
    ({ name, operator, grid }) =>
      operator !== "Exp" && grid.channels > 1 && determines(graph, name, last.name),
  );
  return before.length > 0 ? before : varying;
}

/** A feature map that can be probed: a tensor that reads as a grid of cells over the image. */
export interface Layer extends TensorInfo {
  readonly grid: FeatureGrid;
  /** What people call it: the name that it was asked for by, else its module's where that names it, else the tensor's. */
  readonly label: string;
}

/** A layer in a sentence, with its tensor where that has another name: `"layer4" (tensor "relu_16")`. */
export const layerText = ({ label, name }: Pick<Layer, "label" | "name">): string =>
  label === name ? `"${name}"` : `"${label}" (tensor "${name}")`;

/**
 * Every feature map of several cells, in topological order. A single row or column is one where the tensor's axes tell that it
 * is the image's (text recognition); by its shape alone a map has at least 2 x 2 cells.
 * @param stated how tokens lie, where their number allows it: rows and columns
 */
export function layersOf(network: Network, stated?: StatedGrid): readonly Layer[] {
  const named = network.tensors.filter(({ internal }) => internal !== true);
  const { labelOf } = layerNames(network);
  return named.filter(countsCells).flatMap((tensor) => {
    const grid = gridOf(tensor, network.input, stated);
    if (grid === null || grid.height * grid.width === 1) return [];
    return tensor.axes !== undefined || (grid.height > 1 && grid.width > 1)
      ? [{ ...tensor, grid, label: labelOf(tensor) }]
      : [];
  });
}

/**
 * Operators that make no feature of their own: pools blur the cells that the map before them has, cuts drop some, padding adds
 * empty ones, and a softmax makes probabilities of the scores before it.
 */
const derived = new Set([
  "MaxPool",
  "AveragePool",
  "LpPool",
  "Slice",
  "Split",
  "Gather",
  "Pad",
  "Softmax",
  "LogSoftmax",
]);

const makesFeatures = ({ operator }: Layer): boolean => !derived.has(operator);

/** Modules after the features, by the names that timm and torchvision give them. */
const heads = new Set(["head", "heads", "aux_head", "attn_pool", "classifier"]);

export const isBeforeHead = ({ module }: TensorInfo): boolean =>
  module?.split(".").some((part) => heads.has(part)) !== true;

/** What a default layer should be, the most important first. */
const criteria: readonly ((layer: Layer) => boolean)[] = [makesFeatures, isBeforeHead];

/** The last layer that meets all criteria; where there is none, the least important ones are waived. */
function lastThatMeets(layers: readonly Layer[], wanted = criteria): Layer | undefined {
  const layer = layers.findLast((one) => wanted.every((meets) => meets(one)));
  return layer === undefined && wanted.length > 0 ? lastThatMeets(layers, wanted.slice(0, -1)) : layer;
}

const isGrid = ({ grid }: Layer, [rows, columns]: StatedGrid): boolean =>
  grid.height === rows && grid.width === columns;

/** Last feature map that is computed before the network's head; of those with the stated grid, where one is stated. */
export function defaultLayer(network: Network, preferred?: string, stated?: StatedGrid): Layer {
  if (preferred !== undefined) return findLayer(network, preferred, stated);
  const all = layersOf(network, stated).filter((layer) => stated === undefined || isGrid(layer, stated));
  const layers = all.filter(({ name }) => network.hasGradient(name));
  const layer = lastThatMeets(withoutFixedSums(network, layers)) ?? lastThatMeets(layers);
  if (layer === undefined) {
    const barrier = network.graph && barrierOf(network.graph, all.length > 0);
    if (barrier != null) throw barrier;
    const wanted = stated === undefined ? "several" : stated.join(" x ");
    throw new ErfitError(`the network has no feature map of ${wanted} cells that the image reaches`, {
      remedy:
        stated === undefined
          ? "give a convolutional or token network with its image as input"
          : "state a grid that `erfit layers MODEL` lists",
    });
  }
  return layer;
}

/**
 * The tensor of that name, else the last tensor that the module of that name makes. Exporters write modules as
 * `layer4.0.conv2`; `layer4` means all of it. A root that all modules share may be left out.
 */
export function findTensor(network: Network, name: string): TensorInfo {
  const found = layerNames(network).find(name);
  if (found !== undefined) return found;
  const reason = network.uncomputable?.get(name);
  if (reason !== undefined) {
    throw new ErfitError(`layer "${name}" cannot be computed: ${reason}`, {
      remedy: "choose one that `erfit layers MODEL` lists",
    });
  }
  if (network.offPath.has(name)) {
    throw new ErfitError(
      `layer "${name}" is in the file, but the image does not reach it on its way to the output`,
      {
        remedy: "choose one that `erfit layers MODEL` lists",
      },
    );
  }
  throw new ErfitError(`no layer named "${name}"`, { remedy: suggestion(network, name) });
}

function suggestion(network: Network, name: string): string {
  const nearest = nearestNames(network, name);
  return nearest.length === 0
    ? "the image reaches no tensor of this network"
    : `nearest names: ${nearest.join(", ")}; \`erfit layers MODEL\` lists them all`;
}

/** The stages that end in a feature map, each as that layer under the stage's name. */
export const stagesOf = (network: Network, stated?: StatedGrid): readonly Layer[] =>
  layersNamed(network, stageNames(network), stated).filter(isBeforeHead);

/** The feature maps that a glob of modules and tensors names, each once, in the order of the network. */
export const layersMatching = (network: Network, pattern: string, stated?: StatedGrid): readonly Layer[] =>
  layersNamed(network, matchingNames(network, pattern), stated);

/** The layers that names find, those that find none left out; of two names for one layer the first stays. */
function layersNamed(
  network: Network,
  names: readonly string[],
  stated: StatedGrid | undefined,
): readonly Layer[] {
  const { find } = layerNames(network);
  const labels = new Map<string, string>();
  for (const label of names) {
    const name = find(label)?.name;
    if (name !== undefined && !labels.has(name)) labels.set(name, label);
  }
  return layersOf(network, stated).flatMap((layer) => {
    const label = labels.get(layer.name);
    return label === undefined ? [] : [{ ...layer, label }];
  });
}

/** As `findTensor`, and it must read as a grid of cells: as the stated one, where one is stated. */
export function findLayer(network: Network, name: string, stated?: StatedGrid): Layer {
  const tensor = findTensor(network, name);
  const shown = `layer ${layerText({ label: name, name: tensor.name })} of shape [${tensor.shape.join(", ")}]`;
  const grid = gridOf(tensor, network.input, stated);
  if (grid === null) {
    throw new ErfitError(
      `${shown} is not a feature map: expected [1, C, H, W], [1, H, W, C] or [1, tokens, C], its cells laid out over the image`,
      {
        remedy: `choose one that \`erfit layers MODEL\` lists; the grid of tokens can be stated: ${optionText("grid", "14,14")}`,
      },
    );
  }
  const layer = { ...tensor, grid, label: name };
  if (stated !== undefined && !isGrid(layer, stated)) {
    throw new ErfitError(
      `${shown} is no grid of ${stated.join(" x ")} cells, with fewer other tokens than cells in front: it reads as ${grid.height} x ${grid.width}`,
      { remedy: "state the grid of this layer's tokens, or none" },
    );
  }
  return layer;
}
