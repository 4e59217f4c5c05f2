/// <reference lib="esnext.disposable" preserve="true" />
import type { RunOwner } from "./run.ts";
import {
  chosenCamLayer,
  chosenLayer,
  defaultLayerRemarks,
  type ClassNamesFrom,
} from "../calibration/loaded-model.ts";
import { ErfitError, inLibrary, listed } from "../core/error.ts";
import type { Shape } from "../core/tensor.ts";
import type { Preprocessing } from "../input/preprocessing.ts";
import type { FeatureGrid } from "../runtime/feature-grid.ts";
import { geometryOf, type LayerGeometry } from "../runtime/geometry.ts";
import { layersOf, stagesOf, type Layer } from "../runtime/layers.ts";
import type { ImageInput, Network, ProbabilityRule } from "../runtime/network.ts";
import { checkedOptions } from "../tasks/check.ts";
import type { GivenOptions } from "../tasks/option.ts";
import { assumedNames } from "../tasks/options/layer.ts";
import { type OpenModel, openModelWith, openOptions } from "../tasks/options/model.ts";

/** A feature map of a network: a tensor that reads as a grid of cells over the image. Lengths are in pixels of the input. */
export interface FeatureMap extends LayerGeometry {
  /** What it is called: its module's name where that names it, else its tensor's. `layer` takes it, as it takes the others. */
  readonly label: string;
  /** The tensor's name in the file. */
  readonly name: string;
  /** The exporter's module, where the file records it: `layer4.2.relu`. */
  readonly module: string | null;
  readonly shape: Shape;
  /** Rows (`height`), columns (`width`), channels, and the order of the axes. */
  readonly grid: FeatureGrid;
}

/** Where the scores of the classes come from. */
interface ClassScores {
  /** Name and shape of the output that they are read from. */
  readonly output: string;
  readonly shape: Shape;
  /** The tensor that is explained: what the output's softmax or sigmoid reads, else the output. */
  readonly logits: string;
  /** How they become probabilities; `identity` where they are probabilities already. */
  readonly probability: ProbabilityRule;
  /** Names of all outputs that the image reaches. */
  readonly outputs: readonly string[];
}

/** A network that `openModel` opened. */
export interface Model extends AsyncDisposable {
  /** Name of the file, without folders. */
  readonly file: string;
  /** SHA-256 of the file and of its weights, hexadecimal; a calibration names it. */
  readonly sha256: string;
  /** What runs it, with its version. */
  readonly engine: string;
  /** The image input: name, shape, and the order of its axes. */
  readonly input: ImageInput;
  /** Where the scores of the classes are read from. */
  readonly scores: ClassScores;
  /** Names of the classes in the order of the scores; null where nothing beside the model names them. */
  readonly classNames: readonly string[] | null;
  /** Where they are from; of a thousand scores without names ImageNet-1k's are assumed. */
  readonly classNamesFrom: ClassNamesFrom | null;
  /** Every feature map of several cells, from the image to the output. */
  readonly layers: readonly FeatureMap[];
  /**
   * The last feature map of each stage, under the stage's name (`layer4`, `blocks.11`): modules of a numbered series that are
   * made of further ones. Empty where the file names none.
   */
  readonly stages: readonly FeatureMap[];
  /** Label of the layer that is taken where none is named: the one that the sidecar names, else the last before the head. */
  readonly defaultLayer: string;
  /**
   * Name of the layer that `cam` and `evaluate` take where none is named: `defaultLayer`, or, where the scores are computed from
   * no cell of that (a vision transformer that reads its class token alone), the last whose cells reach them.
   */
  readonly defaultCamLayer: string;
  /** How photographs become the network's input, and where that is known from. */
  readonly preprocessing: Preprocessing;
  /** What opening the file changed (element types that were widened), and later feature maps that are not in `layers`. */
  readonly remarks: readonly string[];
  /** Ends all work on the model that is under way, waits until it has ended, and lets nothing more begin. */
  close(): Promise<void>;
}

/** A value that is computed when it is first asked for. */
function once<T>(compute: () => T): () => T {
  let found: { readonly value: T } | undefined;
  return () => (found ??= { value: compute() }).value;
}

const featureMap = (network: Network, layer: Layer): FeatureMap => ({
  label: layer.label,
  name: layer.name,
  module: layer.module ?? null,
  shape: layer.shape,
  grid: layer.grid,
  ...geometryOf(network, layer),
});

/** Node's own symbol of what `console.log` shows; by its name, for the types need no types of Node. */
const inspected: unique symbol = Symbol.for("nodejs.util.inspect.custom");

/** What stands behind a `Model`. */
export class ModelHandle implements Model, RunOwner {
  readonly opened: OpenModel;
  readonly #layers: () => readonly FeatureMap[];
  readonly #stages: () => readonly FeatureMap[];
  readonly #remarks: () => readonly string[];
  readonly #running = new Set<(reason: unknown) => Promise<void>>();
  #closed = false;

  constructor(opened: OpenModel) {
    const { model } = opened;
    const { network } = model;
    this.opened = opened;
    this.#remarks = once(() => {
      const remarks =
        layersOf(network).length === 0 ? [] : defaultLayerRemarks(model, chosenLayer(model, undefined));
      const names =
        model.classNamesFrom === "ImageNet-1k, assumed" ? [`${model.file}: ${inLibrary(assumedNames)}`] : [];
      return [...network.remarks, ...remarks, ...names];
    });
    this.#layers = once(() => layersOf(network).map((layer) => featureMap(network, layer)));
    this.#stages = once(() => stagesOf(network).map((stage) => featureMap(network, stage)));
  }

  get file(): string {
    return this.opened.model.file;
  }
  get sha256(): string {
    return this.opened.model.sha256;
  }
  get engine(): string {
    return this.opened.model.network.engine;
  }
  get input(): ImageInput {
    return this.opened.model.network.input;
  }
  get scores(): ClassScores {
    const { output, logits, probability, outputs } = this.opened.model.network;
    return {
      output: output.name,
      shape: output.shape,
      logits: logits.name,
      probability,
      outputs: outputs.map(({ name }) => name),
    };
  }
  get classNames(): readonly string[] | null {
    return this.opened.model.classNames ?? null;
  }
  get classNamesFrom(): ClassNamesFrom | null {
    return this.opened.model.classNamesFrom;
  }
  get layers(): readonly FeatureMap[] {
    return this.#layers();
  }
  get stages(): readonly FeatureMap[] {
    return this.#stages();
  }
  get defaultLayer(): string {
    return chosenLayer(this.opened.model, undefined).label;
  }
  get defaultCamLayer(): string {
    return chosenCamLayer(this.opened.model, undefined).label;
  }
  get preprocessing(): Preprocessing {
    return this.opened.preprocessing();
  }
  get remarks(): readonly string[] {
    return this.#remarks();
  }

  /** What `console.log(model)` shows: a line for each fact. */
  [inspected](): unknown {
    const { input, scores, classNames, layers } = this;
    const typed = (name: string, shape: Shape): string => `${name} [${shape.join(", ")}]`;
    return {
      file: this.file,
      sha256: this.sha256,
      engine: this.engine,
      input: `${typed(input.name, input.shape)} ${input.layout}`,
      scores: `${typed(scores.output, scores.shape)}, ${classNames === null ? "classes without names" : `${classNames.length} class names`}`,
      layers: `${layers.length}: ${listed(layers.map(({ name }) => name))}`,
      defaultLayer: layers.length === 0 ? null : this.defaultLayer,
      remarks: this.remarks,
    };
  }

  /** @throws ErfitError once the model is closed */
  requireOpen(): void {
    if (this.#closed) throw closed(this.file);
  }

  started(stop: (reason: unknown) => Promise<void>): () => void {
    this.#running.add(stop);
    return () => this.#running.delete(stop);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#running].map((stop) => stop(closed(this.file))));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const closed = (file: string) => new ErfitError(`${file}: the model was closed`, { kind: "failure" });

/** The handle of a model. @throws ErfitError where it is none, or is closed */
export function requireModel(who: string, model: Model): ModelHandle {
  if (!(model instanceof ModelHandle))
    throw new ErfitError(`${who}: the model must be one that openModel opened`, {
      remedy: `const model = await openModel("net.onnx")`,
    });
  model.requireOpen();
  return model;
}

/** How a model is opened, and how photographs become its input. */
export interface OpenModelOptions extends GivenOptions<typeof openOptions> {}

/**
 * Opens a trained network: an ONNX file, or the folder or `model.json` of a TF.js model. Preprocessing and class names are
 * read from what lies beside it. Nothing is computed yet; each piece of work opens, and closes, what it needs.
 *
 * @param path the model's file; relative to the working directory
 * @throws ErfitError where the file is missing, damaged, or holds no network with one image input
 * @example
 * ```ts
 * import { openModel } from "erfit";
 *
 * const model = await openModel("models/vgg16-sample.onnx");
 * const layer = model.layers.find(({ name }) => name === "block5_conv3");
 * console.log(layer?.grid.height, layer?.grid.width, layer?.stride, layer?.receptiveField?.width);
 * await model.close();
 * ```
 */
export async function openModel(path: string, options: OpenModelOptions = {}): Promise<Model> {
  if (typeof path !== "string")
    throw new ErfitError("openModel: the first argument must be the model's path");
  return new ModelHandle(await openModelWith(path, checkedOptions(openOptions, options, "openModel")));
}
