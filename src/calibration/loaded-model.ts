import { ErfitError, optionText } from "../core/error.ts";
import { sizeOf } from "../core/tensor.ts";
import { readProcessorFile, type ProcessorFile } from "../input/huggingface/config.ts";
import { imagenetClasses } from "../input/imagenet-classes.ts";
import type { Preprocessing } from "../input/preprocessing.ts";
import type { PresetName } from "../input/resolve.ts";
import { resolvePreprocessing, type PreprocessingOverrides } from "../input/resolve.ts";
import { readClassNames, readSidecar } from "../input/sidecar.ts";
import type { Sidecar } from "../input/sidecar.ts";
import { camLayer } from "../runtime/cam-layer.ts";
import { centralCell } from "../runtime/feature-grid.ts";
import { geometryOf, type LayerGeometry } from "../runtime/geometry.ts";
import { defaultLayer, findLayer, layersOf, type Layer } from "../runtime/layers.ts";
import { leftOutAfter } from "../runtime/left-out.ts";
import { modelFile } from "../runtime/model-file.ts";
import { openModel, type OpenedModel, type OpenOptions } from "../runtime/open.ts";
import {
  looksLikeEmbedding,
  requireClassScores,
  scoresClasses,
  towardsScores,
  withOutput,
  withScoresFrom,
  type ScoreSource,
} from "../runtime/outputs.ts";
import type { StatedGrid } from "../runtime/feature-grid.ts";

/** A model with the files beside it. */
export interface LoadedModel extends OpenedModel {
  readonly sidecar: Sidecar | undefined;
  readonly processor: ProcessorFile | undefined;
  readonly classNames: readonly string[] | undefined;
  /** Where the names are from; null where there are none. */
  readonly classNamesFrom: ClassNamesFrom | null;
}

/** Of class names: the sidecar's, ImageNet-1k's because that was said, or because there are a thousand scores without names. */
export type ClassNamesFrom = "sidecar" | "ImageNet-1k" | "ImageNet-1k, assumed";

/** What a user may say of the names: they are ImageNet-1k's, or there are none. */
export const statedClassNames = ["imagenet-1k", "none"] as const;

/** How a model is opened, and which of its outputs the classes' scores are read from. */
export interface LoadOptions extends OpenOptions {
  /** Name of an output, or of a tensor before it; by default the output that looks most like class scores. */
  readonly output?: string;
  /** By default the sidecar's, else ImageNet-1k's where there are a thousand scores. */
  readonly classNames?: (typeof statedClassNames)[number];
}

export async function loadModel(
  given: string,
  { output, classNames: stated, ...options }: LoadOptions,
): Promise<LoadedModel> {
  const path = await modelFile(given);
  const sidecar = await readSidecar(path);
  const model = await openModel(path, options);
  const processor = await readProcessorFile(path);
  const names = await readClassNames(path, sidecar);
  const hints = { name: sidecar?.output?.name, classes: names?.length };
  const network = withOutput(model.network, output, hints);
  const { file } = model;
  return { ...model, network, sidecar, processor, ...classNamesOf(network, { file, names, stated }) };
}

interface KnownNames {
  readonly file: string;
  readonly names: readonly string[] | undefined;
  readonly stated: LoadOptions["classNames"];
}

/** @throws ErfitError where ImageNet-1k's names are stated, and there are not a thousand scores */
function classNamesOf(
  network: LoadedModel["network"],
  { file, names, stated }: KnownNames,
): Pick<LoadedModel, "classNames" | "classNamesFrom"> {
  const scores = sizeOf(network.output.shape);
  if (stated === "none") return { classNames: undefined, classNamesFrom: null };
  if (stated === "imagenet-1k" && scores !== imagenetClasses.length)
    throw new ErfitError(
      `${optionText("classNames", stated)}: ImageNet-1k has ${imagenetClasses.length} classes, ${file} has ${scores} scores in "${network.output.name}"`,
      { remedy: "name the classes in the sidecar, under output.classes" },
    );
  if (stated === "imagenet-1k") return { classNames: imagenetClasses, classNamesFrom: "ImageNet-1k" };
  const own = namesOf(names, scores);
  if (own !== undefined) return { classNames: own, classNamesFrom: "sidecar" };
  const assumed = scores === imagenetClasses.length && scoresClasses(network) && !looksLikeEmbedding(network);
  return assumed
    ? { classNames: imagenetClasses, classNamesFrom: "ImageNet-1k, assumed" }
    : { classNames: undefined, classNamesFrom: null };
}

/** The names of the scores: a single score for two classes is that of the second, as binary classifiers are trained. */
const namesOf = (names: readonly string[] | undefined, scores: number): readonly string[] | undefined =>
  names?.length === 2 && scores === 1 ? names.slice(1) : names;

/**
 * The model as one that scores classes.
 * @param source how its scores are read; by default as the output's last operator suggests
 * @throws ErfitError where its output is not one score a class
 */
export function classifier(model: LoadedModel, source?: ScoreSource): LoadedModel {
  requireClassScores(model.network, model.file);
  return { ...model, network: withScoresFrom(model.network, source) };
}

/** The layer of that name; by default the sidecar's last feature map, else the last one that leads to the class scores. */
export function chosenLayer(
  { network, sidecar }: LoadedModel,
  name: string | undefined,
  stated?: StatedGrid,
): Layer {
  const preferred = name ?? sidecar?.lastFeatureMap?.name;
  return preferred === undefined
    ? defaultLayer(towardsScores(network), undefined, stated)
    : findLayer(network, preferred, stated);
}

/**
 * The layer that class activation maps are drawn at: as `chosenLayer`, but the cells of the default one reach the scores. A
 * sidecar names the last feature map of a network, and knows nothing of that: where it names one after which the class token
 * alone is read, no map could be drawn.
 */
export function chosenCamLayer(model: LoadedModel, name: string | undefined, stated?: StatedGrid): Layer {
  const layer = chosenLayer(model, name, stated);
  const named = model.sidecar?.lastFeatureMap !== undefined && layer.grid.prefixTokens === 0;
  return name !== undefined || named ? layer : camLayer(model.network, layer, stated);
}

/** Remarks on the default layer: one line where later feature maps cannot be it, or none. */
export function defaultLayerRemarks(
  { file, network, sidecar }: LoadedModel,
  layer: Layer,
): readonly string[] {
  if (sidecar?.lastFeatureMap !== undefined) return [];
  const leftOut = leftOutAfter(network, layer);
  return leftOut === null ? [] : [`${file}: ${leftOut}; "${layer.name}" is the default layer`];
}

/**
 * The layers of a list such as `conv1,layer4`, each once; `all`: every feature map that there is. A layer whose own name
 * reads like a list is that layer.
 */
export function chosenLayers(
  model: LoadedModel,
  names: string | undefined,
  stated?: StatedGrid,
): readonly Layer[] {
  const { network } = model;
  const isName = names === undefined || network.tensors.some(({ name }) => name === names);
  if (!isName && names === "all") {
    const all = layersOf(network, stated);
    return all.length > 0 ? all : [chosenLayer(model, undefined, stated)];
  }
  const layers = isName
    ? [chosenLayer(model, names, stated)]
    : names.split(",").map((name) => chosenLayer(model, name.trim(), stated));
  return [...new Map(layers.map((layer) => [layer.name, layer])).values()];
}

/** A cell as the user names it. */
export type CellChoice =
  | { readonly kind: "central" }
  | { readonly kind: "cell"; readonly row: number; readonly column: number }
  | { readonly kind: "token"; readonly token: number };

function rowAndColumn(
  { network }: LoadedModel,
  { name, grid }: Layer,
  choice: CellChoice,
): readonly [number, number] {
  switch (choice.kind) {
    case "central":
      return centralCell(grid, network.input);
    case "cell": {
      const { row, column } = choice;
      if (row >= grid.height || column >= grid.width) {
        throw new ErfitError(
          `cell ${row},${column} is outside layer "${name}", whose grid has ${grid.height} rows and ${grid.width} columns (counted from 0)`,
        );
      }
      return [row, column];
    }
    case "token": {
      const index = choice.token - grid.prefixTokens;
      const tokens = grid.layout === "NTC" || grid.layout === "NCT";
      if (!tokens || index < 0 || index >= grid.height * grid.width) {
        throw new ErfitError(
          tokens
            ? `token ${choice.token} is not a cell of layer "${name}": its grid has tokens ${grid.prefixTokens} to ${grid.prefixTokens + grid.height * grid.width - 1}`
            : `layer "${name}" is a ${grid.layout} map, not tokens: name its cell by row and column`,
        );
      }
      return [Math.floor(index / grid.width), index % grid.width];
    }
  }
}

/** Geometry of the chosen cell. */
export const chosenCell = (model: LoadedModel, layer: Layer, choice: CellChoice): LayerGeometry =>
  geometryOf(model.network, layer, rowAndColumn(model, layer, choice));

export function chosenPreprocessing(
  { network, sidecar, processor }: LoadedModel,
  preset: PresetName | undefined,
  overrides: PreprocessingOverrides,
): Preprocessing {
  const { height, width } = network.input;
  return resolvePreprocessing({
    inputSize: [height, width],
    sidecar,
    metadata: network.metadata,
    processor,
    preset,
    overrides,
  });
}
