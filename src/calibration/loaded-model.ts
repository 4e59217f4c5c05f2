import { ErfitError, listed, optionText } from "../core/error.ts";
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
import { isLayerPattern, layerNames, nearestNames } from "../runtime/layer-names.ts";
import {
  defaultLayer,
  findLayer,
  layersMatching,
  layersOf,
  layerText,
  stagesOf,
  type Layer,
} from "../runtime/layers.ts";
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
    ? labeled(network, defaultLayer(towardsScores(network), undefined, stated))
    : findLayer(network, preferred, stated);
}

/** A layer that was found in a part of a network, by the name that finds it in the whole. */
const labeled = (network: LoadedModel["network"], layer: Layer): Layer => ({
  ...layer,
  label: layerNames(network).labelOf(layer),
});

/**
 * The layer that class activation maps are drawn at: as `chosenLayer`, but the cells of the default one reach the scores. A
 * sidecar names the last feature map of a network, and knows nothing of that: where it names one after which the class token
 * alone is read, no map could be drawn.
 */
export function chosenCamLayer(model: LoadedModel, name: string | undefined, stated?: StatedGrid): Layer {
  const layer = chosenLayer(model, name, stated);
  const named = model.sidecar?.lastFeatureMap !== undefined && layer.grid.prefixTokens === 0;
  return name !== undefined || named ? layer : labeled(model.network, camLayer(model.network, layer, stated));
}

/** Remarks on the default layer: one line where later feature maps cannot be it, or none. */
export function defaultLayerRemarks(
  { file, network, sidecar }: LoadedModel,
  layer: Layer,
): readonly string[] {
  if (sidecar?.lastFeatureMap !== undefined) return [];
  const leftOut = leftOutAfter(network, layer);
  return leftOut === null ? [] : [`${file}: ${leftOut}; ${layerText(layer)} is the default layer`];
}

/** Words of a list of layers that are no names. */
const listWords: Readonly<
  Record<string, (model: LoadedModel, stated: StatedGrid | undefined) => readonly Layer[]>
> = {
  all(model, stated) {
    const all = layersOf(model.network, stated);
    return all.length > 0 ? all : [chosenLayer(model, undefined, stated)];
  },
  stages({ network, file }, stated) {
    const stages = stagesOf(network, stated);
    if (stages.length > 0) return stages;
    throw new ErfitError(`${file}: the file names no stages (modules such as layer1, blocks.0)`, {
      remedy: "`erfit layers MODEL` lists its feature maps",
    });
  },
};

/** Commas between braces are a glob's. */
const betweenNames = /,(?![^{]*\})/;

/**
 * The layers of a list such as `conv1,layer4`, of a glob such as `layer*`, the network's `stages`, or `all` feature maps that
 * there are, each once. A layer whose own name reads like one of these is that layer.
 */
export function chosenLayers(
  model: LoadedModel,
  names: string | undefined,
  stated?: StatedGrid,
): readonly Layer[] {
  if (names === undefined) return [chosenLayer(model, undefined, stated)];
  const isTensor = (text: string) => model.network.tensors.some(({ name }) => name === text);
  const parts = isTensor(names) ? [names] : names.split(betweenNames).map((part) => part.trim());
  const layers = parts.flatMap((part) => {
    if (isTensor(part)) return [chosenLayer(model, part, stated)];
    const word = Object.hasOwn(listWords, part) ? listWords[part] : undefined;
    if (word !== undefined) return word(model, stated);
    return isLayerPattern(part) ? matching(model, part, stated) : [chosenLayer(model, part, stated)];
  });
  const first = new Map<string, Layer>();
  for (const layer of layers) if (!first.has(layer.name)) first.set(layer.name, layer);
  return [...first.values()];
}

function matching(
  { network, file }: LoadedModel,
  pattern: string,
  stated: StatedGrid | undefined,
): readonly Layer[] {
  const found = layersMatching(network, pattern, stated);
  if (found.length > 0) return found;
  const stages = stagesOf(network, stated).map(({ label }) => label);
  const names = stages.length > 0 ? stages : nearestNames(network, pattern);
  throw new ErfitError(`${file}: no feature map has a name that matches "${pattern}"`, {
    remedy: `there are ${stages.length > 0 ? "the stages " : ""}${listed(names)}; \`erfit layers MODEL\` lists all. A * stands for one part of a name: blocks.*, layer4.*.act3`,
  });
}

/** A cell as the user names it. */
export type CellChoice =
  | { readonly kind: "central" }
  | { readonly kind: "cell"; readonly row: number; readonly column: number }
  | { readonly kind: "token"; readonly token: number };

function rowAndColumn({ network }: LoadedModel, layer: Layer, choice: CellChoice): readonly [number, number] {
  const { grid } = layer;
  switch (choice.kind) {
    case "central":
      return centralCell(grid, network.input);
    case "cell": {
      const { row, column } = choice;
      if (row >= grid.height || column >= grid.width) {
        throw new ErfitError(
          `cell ${row},${column} is outside layer ${layerText(layer)}, whose grid has ${grid.height} rows and ${grid.width} columns (counted from 0)`,
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
            ? `token ${choice.token} is not a cell of layer ${layerText(layer)}: its grid has tokens ${grid.prefixTokens} to ${grid.prefixTokens + grid.height * grid.width - 1}`
            : `layer ${layerText(layer)} is a ${grid.layout} map, not tokens: name its cell by row and column`,
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
