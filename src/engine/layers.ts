import { distance } from "fastest-levenshtein";
import type { ReceptiveField } from "../autodiff/receptive-field/receptive-field.ts";
import { barrierOf } from "../autodiff/unsupported.ts";
import { ErfitError } from "../math/error.ts";
import { cellAt, centralCell, type FeatureGrid } from "./feature-grid.ts";
import type { Network, TensorInfo } from "./network.ts";
import { countsCells, gridOf, type StatedGrid } from "./tensor-grid.ts";

/** A feature map that can be probed: a tensor that reads as a grid of cells over the image. */
export interface Layer extends TensorInfo {
  readonly grid: FeatureGrid;
}

/** What the geometry alone says of a layer's central cell. */
export interface LayerGeometry {
  readonly cell: readonly [row: number, column: number];
  /** Pixels between the receptive fields of neighbouring cells, [vertical, horizontal]. */
  readonly stride: readonly [number, number];
  /** Theoretical receptive field of the cell; null where it cannot be told. */
  readonly receptiveField: ReceptiveField | null;
}

/** Tensors that importing added within a node of the file: nothing outside knows them. */
const isInternal = (name: string): boolean => name.startsWith("%");

/**
 * Every feature map of at least 2 x 2 cells, in topological order.
 * @param stated how tokens lie, where their number allows it: rows and columns
 */
export function layersOf(network: Network, stated?: StatedGrid): readonly Layer[] {
  const named = network.tensors.filter(({ name }) => !isInternal(name));
  return named.filter(countsCells).flatMap((tensor) => {
    const grid = gridOf(tensor, network.input, stated);
    return grid !== null && grid.height > 1 && grid.width > 1 ? [{ ...tensor, grid }] : [];
  });
}

/** Operators that make no feature of their own: pools blur the cells that the map before them has, cuts drop some. */
const derived = new Set(["MaxPool", "AveragePool", "LpPool", "Slice", "Split", "Gather"]);

/** Modules behind the features, by the names that timm and torchvision give them. */
const heads = new Set(["head", "heads", "aux_head", "attn_pool", "classifier"]);

const inHead = ({ module }: Layer): boolean => module?.split(".").some((part) => heads.has(part)) === true;

const isGrid = ({ grid }: Layer, [rows, columns]: StatedGrid): boolean =>
  grid.height === rows && grid.width === columns;

/** Last feature map that is computed in front of the network's head; of those with the stated grid, where one is stated. */
export function defaultLayer(network: Network, preferred?: string, stated?: StatedGrid): Layer {
  if (preferred !== undefined) return findLayer(network, preferred, stated);
  const all = layersOf(network, stated).filter((layer) => stated === undefined || isGrid(layer, stated));
  const layers = all.filter(({ name }) => network.hasGradient(name));
  const computed = layers.filter(({ operator }) => !derived.has(operator));
  const layer = computed.findLast((one) => !inHead(one)) ?? computed.at(-1) ?? layers.at(-1);
  if (layer === undefined) {
    const barrier = network.graph && barrierOf(network.graph, all.length > 0);
    if (barrier != null) throw barrier;
    const wanted = stated === undefined ? "at least 2 x 2" : stated.join(" x ");
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
  const exact = network.tensors.find((tensor) => tensor.name === name);
  const inModule =
    exact ?? lastOfModule(network, name) ?? lastOfModule(network, `${moduleRoot(network)}.${name}`);
  if (inModule !== undefined) return inModule;
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

const lastOfModule = ({ tensors }: Network, name: string): TensorInfo | undefined =>
  tensors.findLast(({ module }) => module === name || module?.startsWith(`${name}.`) === true);

/** The dotted path that all modules lie in: an exporter that wraps a model calls its layer4 `model.layer4`. */
function moduleRoot({ tensors }: Network): string {
  const paths = tensors.flatMap(({ module }) => (module === undefined ? [] : [module.split(".")]));
  const [first = []] = paths;
  const depth = first.findIndex((part, k) => paths.some((path) => path[k] !== part));
  return first.slice(0, depth < 0 ? first.length : depth).join(".");
}

function suggestion(network: Network, name: string): string {
  const candidates = new Set(
    network.tensors.flatMap((tensor) => [
      tensor.name,
      ...(tensor.module === undefined ? [] : [tensor.module]),
    ]),
  );
  const nearest = [...candidates]
    .map((candidate) => ({ candidate, away: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.away - b.away)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
  return nearest.length === 0
    ? "the image reaches no tensor of this network"
    : `nearest names: ${nearest.join(", ")}; \`erfit layers MODEL\` lists them all`;
}

/** As `findTensor`, and it must read as a grid of cells: as the stated one, where one is stated. */
export function findLayer(network: Network, name: string, stated?: StatedGrid): Layer {
  const tensor = findTensor(network, name);
  const shown = `layer "${tensor.name}" of shape [${tensor.shape.join(", ")}]`;
  const grid = gridOf(tensor, network.input, stated);
  if (grid === null) {
    throw new ErfitError(
      `${shown} is not a feature map: expected [1, C, H, W], [1, H, W, C] or [1, tokens, C], its cells laid out over the image`,
      {
        remedy:
          "choose one that `erfit layers MODEL` lists; tokens may have their grid stated, as in --grid 14,14",
      },
    );
  }
  const layer = { ...tensor, grid };
  if (stated !== undefined && !isGrid(layer, stated)) {
    throw new ErfitError(
      `${shown} is no grid of ${stated.join(" x ")} cells, with fewer other tokens than cells in front: it reads as ${grid.height} x ${grid.width}`,
      { remedy: "state the grid of this layer's tokens, or none" },
    );
  }
  return layer;
}

/** Geometry of one cell of a layer (the central one by default). */
export function geometryOf(
  network: Network,
  layer: Layer,
  cell = centralCell(layer.grid, network.input),
): LayerGeometry {
  const { grid } = layer;
  const [row, column] = cell;
  const field = (r: number, c: number) => network.receptiveField(layer.name, cellAt(grid, r, c));
  const here = field(row, column);
  // Neighbours towards the inside, so that the difference is taken between two cells of the map.
  const [otherRow, otherColumn] = [row > 0 ? row - 1 : row + 1, column > 0 ? column - 1 : column + 1];
  const vertical = grid.height > 1 ? field(otherRow, column) : null;
  const horizontal = grid.width > 1 ? field(row, otherColumn) : null;
  const strideY = here && vertical ? Math.abs(here.centreY - vertical.centreY) : 0;
  const strideX = here && horizontal ? Math.abs(here.centreX - horizontal.centreX) : 0;
  return {
    cell,
    // Where an operator mixes the whole image, fields do not move with the cell: the grid's own spacing is left.
    stride: [strideY || network.input.height / grid.height, strideX || network.input.width / grid.width],
    receptiveField: here,
  };
}
