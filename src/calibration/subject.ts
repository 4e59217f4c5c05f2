import { centralCell, type StatedGrid } from "../runtime/feature-grid.ts";
import { camLayer } from "../runtime/cam-layer.ts";
import { geometryOf, type LayerGeometry } from "../runtime/geometry.ts";
import { defaultLayer, findLayer, layersOf, type Layer } from "../runtime/layers.ts";
import { leftOutAfter } from "../runtime/left-out.ts";
import { modelFile } from "../runtime/model-file.ts";
import {
  requireClassScores,
  towardsScores,
  withOutput,
  withScoresFrom,
  type ScoreSource,
} from "../runtime/outputs.ts";
import { openModel, type OpenedModel, type OpenOptions } from "../runtime/open.ts";
import { readProcessorFile, type ProcessorFile } from "../input/huggingface/config.ts";
import { resolvePreprocessing, type PreprocessingOverrides, type PresetName } from "../input/resolve.ts";
import type { Preprocessing } from "../input/preprocessing.ts";
import { readClassNames, readSidecar, type Sidecar } from "../input/sidecar.ts";
import { ErfitError } from "../core/error.ts";
import { sizeOf } from "../core/tensor.ts";

/** A model with what lies beside it. */
export interface Subject extends OpenedModel {
  readonly sidecar: Sidecar | undefined;
  readonly processor: ProcessorFile | undefined;
  readonly classNames: readonly string[] | undefined;
}

/** How a model is opened, and which of its outputs the classes' scores are read from. */
export interface SubjectOptions extends OpenOptions {
  /** Name of an output, or of a tensor before it; by default the output that looks most like class scores. */
  readonly output?: string;
}

export async function openSubject(given: string, { output, ...options }: SubjectOptions): Promise<Subject> {
  const path = await modelFile(given);
  const sidecar = await readSidecar(path);
  const model = await openModel(path, options);
  const processor = await readProcessorFile(path);
  const names = await readClassNames(path, sidecar);
  const hints = { name: sidecar?.output?.name, classes: names?.length };
  const network = withOutput(model.network, output, hints);
  const classNames = namesOf(names, sizeOf(network.output.shape));
  return { ...model, network, sidecar, processor, classNames };
}

/** The names of the scores: one score for two classes is the second one's, as binary classifiers are trained. */
const namesOf = (names: readonly string[] | undefined, scores: number): readonly string[] | undefined =>
  names?.length === 2 && scores === 1 ? names.slice(1) : names;

/**
 * The model as one that scores classes.
 * @param source how its scores are read; as its output ends, by default
 * @throws ErfitError where its output is not one score a class
 */
export function classifier(subject: Subject, source?: ScoreSource): Subject {
  requireClassScores(subject.network, subject.file);
  return { ...subject, network: withScoresFrom(subject.network, source) };
}

/** The layer of that name; by default the sidecar's last feature map, else the last one that leads to the class scores. */
export function chosenLayer(
  { network, sidecar }: Subject,
  name: string | undefined,
  stated?: StatedGrid,
): Layer {
  const preferred = name ?? sidecar?.lastFeatureMap?.name;
  return preferred === undefined
    ? defaultLayer(towardsScores(network), undefined, stated)
    : findLayer(network, preferred, stated);
}

/** The layer that class activation maps are drawn at: as `chosenLayer`, but the cells of the default one reach the scores. */
export function chosenCamLayer(subject: Subject, name: string | undefined, stated?: StatedGrid): Layer {
  const layer = chosenLayer(subject, name, stated);
  const named = name !== undefined || subject.sidecar?.lastFeatureMap !== undefined;
  return named ? layer : camLayer(subject.network, layer, stated);
}

/** What there is to know of a layer that is taken by default: one line on later feature maps that cannot be, or nothing. */
export function defaultLayerRemarks({ file, network, sidecar }: Subject, layer: Layer): readonly string[] {
  if (sidecar?.lastFeatureMap !== undefined) return [];
  const leftOut = leftOutAfter(network, layer);
  return leftOut === null ? [] : [`${file}: ${leftOut}; "${layer.name}" is the default layer`];
}

/**
 * The layers of a list such as `conv1,layer4`, each once; `all`: every feature map that there is. A layer whose own name
 * reads like a list is that layer.
 */
export function chosenLayers(
  subject: Subject,
  names: string | undefined,
  stated?: StatedGrid,
): readonly Layer[] {
  const { network } = subject;
  const isName = names === undefined || network.tensors.some(({ name }) => name === names);
  if (!isName && names === "all") {
    const all = layersOf(network, stated);
    return all.length > 0 ? all : [chosenLayer(subject, undefined, stated)];
  }
  const layers = isName
    ? [chosenLayer(subject, names, stated)]
    : names.split(",").map((name) => chosenLayer(subject, name.trim(), stated));
  return [...new Map(layers.map((layer) => [layer.name, layer])).values()];
}

/** A cell as the user names it. */
export type CellChoice =
  | { readonly kind: "central" }
  | { readonly kind: "cell"; readonly row: number; readonly column: number }
  | { readonly kind: "token"; readonly token: number };

function rowAndColumn(
  { network }: Subject,
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
export const chosenCell = (subject: Subject, layer: Layer, choice: CellChoice): LayerGeometry =>
  geometryOf(subject.network, layer, rowAndColumn(subject, layer, choice));

export function chosenPreprocessing(
  { network, sidecar, processor }: Subject,
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
