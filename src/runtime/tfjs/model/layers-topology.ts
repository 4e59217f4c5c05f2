import { ErfitError } from "../../../core/error.ts";
import { kernelWindow, pointwise, shifted, type Window } from "../window.ts";

/** The layers of a Keras model as its configuration names them; TF.js reads the rest, and complains of it in its own words. */

const fieldOf = (value: unknown, ...names: readonly string[]): unknown => {
  if (typeof value !== "object" || value === null) return undefined;
  const name = names.find((candidate) => Object.hasOwn(value, candidate));
  return name === undefined ? undefined : (Reflect.get(value, name) as unknown);
};

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Models in models: exporters write two or three. */
const deepest = 16;

/** A call of a layer: the calls of other layers that it reads. */
type Call = readonly (readonly [layer: string, call: number])[];

interface LayerCalls {
  readonly name: string;
  /** Calls that the layer comes with: an input's, or a model's own. */
  readonly own: number;
  readonly calls: readonly Call[];
}

function callOf(inbound: unknown, at: string): Call {
  return listOf(inbound).map((source) => {
    const [layer, call] = listOf(source);
    if (typeof layer === "string" && typeof call === "number") return [layer, call];
    throw new ErfitError(`${at} reads something that is no layer's output`);
  });
}

function callsOf(layer: unknown, file: string): LayerCalls {
  const name = fieldOf(layer, "name");
  const config = fieldOf(layer, "config");
  if (typeof name !== "string" || (fieldOf(config, "name") ?? name) !== name)
    throw new ErfitError(`${file}: a layer of the model has no name, or two`);
  const at = `${file}: layer "${name}"`;
  const isInput = fieldOf(layer, "class_name", "className") === "InputLayer";
  const isModel = fieldOf(config, "layers") !== undefined || Array.isArray(config);
  const inbound = listOf(fieldOf(layer, "inbound_nodes", "inboundNodes"));
  const calls = inbound.map((call) => callOf(call, at)).filter((call) => call.length > 0); // an empty one is none
  return { name, own: isInput || isModel ? 1 : 0, calls };
}

/** TF.js 4.22 goes round until every call has found what it reads: it never ends where one cannot. */
function checkCalls(layers: readonly LayerCalls[], file: string): void {
  const made = new Map(layers.map(({ name, own }) => [name, own]));
  if (made.size < layers.length) throw new ErfitError(`${file}: two layers of the model have one name`);
  let waiting = layers.flatMap(({ name, calls }) => calls.map((call) => ({ name, call })));
  for (let before = Infinity; waiting.length > 0 && waiting.length < before;) {
    before = waiting.length;
    waiting = waiting.filter(({ name, call }) => {
      const ready = call.every(([layer, index]) => index >= 0 && index < (made.get(layer) ?? 0));
      if (ready) made.set(name, (made.get(name) ?? 0) + 1);
      return !ready;
    });
  }
  const [stuck] = waiting;
  if (stuck !== undefined)
    throw new ErfitError(`${file}: layer "${stuck.name}" reads a layer that is not there, or that reads it`);
}

function checkModel(config: unknown, file: string, depth: number): void {
  if (depth > deepest)
    throw new ErfitError(`${file}: its models lie more than ${deepest} levels deep in one another`);
  const layers = listOf(fieldOf(config, "layers") ?? config);
  const graph = fieldOf(config, "input_layers", "inputLayers") !== undefined;
  if (graph)
    checkCalls(
      layers.map((layer) => callsOf(layer, file)),
      file,
    );
  for (const layer of layers) {
    const inner = fieldOf(layer, "config");
    if (fieldOf(inner, "layers") !== undefined) checkModel(inner, file, depth + 1);
  }
}

/** @throws ErfitError where the layers of a model do not lead from its inputs on */
export function checkLayers(topology: unknown, file: string): void {
  const model = fieldOf(topology, "model_config", "modelConfig") ?? topology;
  checkModel(fieldOf(model, "config"), file, 0);
}

/** What a layer says of itself, in TF.js's spelling of Keras' words. */
export type Config = Readonly<Record<string, unknown>>;

/** Numbers of a configuration: one stands for both axes; pairs are laid end to end. */
export const numbersIn = (value: unknown): readonly number[] =>
  Array.isArray(value) ? value.flat().map(Number) : typeof value === "number" ? [value, value] : [];

export const channelsLast = (config: Config): boolean => config["dataFormat"] !== "channelsFirst";

const beforeOf = (config: Config): readonly [number, number] | "same" =>
  config["padding"] === "same" ? "same" : [0, 0];

const kernelOf = (config: Config, size: "kernelSize" | "poolSize"): Window | null =>
  channelsLast(config)
    ? kernelWindow(
        numbersIn(config[size]),
        numbersIn(config["strides"]),
        numbersIn(config["dilationRate"]),
        beforeOf(config),
      )
    : null;

const frame =
  (key: "padding" | "cropping", sign: 1 | -1) =>
  (config: Config): Window | null => {
    const [top = 0, , left = 0] = numbersIn(config[key]);
    return channelsLast(config) ? shifted(sign * top, sign * left) : null;
  };

const convolution = (config: Config) => kernelOf(config, "kernelSize");
const pool = (config: Config) => kernelOf(config, "poolSize");
const everyElement = () => pointwise;

/** What cells of a layer's output read, by class; layers that are not here mix the image, or cannot be told. */
const windows: Readonly<Record<string, (config: Config) => Window | null>> = {
  Conv2D: convolution,
  DepthwiseConv2D: convolution,
  SeparableConv2D: convolution,
  MaxPooling2D: pool,
  AveragePooling2D: pool,
  ZeroPadding2D: frame("padding", 1),
  Cropping2D: frame("cropping", -1),
  Activation: everyElement,
  ReLU: everyElement,
  LeakyReLU: everyElement,
  ELU: everyElement,
  ThresholdedReLU: everyElement,
  PReLU: everyElement,
  BatchNormalization: everyElement,
  LayerNormalization: everyElement,
  Rescaling: everyElement,
  Dropout: everyElement,
  SpatialDropout2D: everyElement,
  GaussianNoise: everyElement,
  GaussianDropout: everyElement,
  AlphaDropout: everyElement,
  Dense: everyElement,
  Add: everyElement,
  Subtract: everyElement,
  Multiply: everyElement,
  Average: everyElement,
  Maximum: everyElement,
  Minimum: everyElement,
  Concatenate: everyElement,
};

/** What cells of a layer's output read; null where that cannot be told. */
export const layerWindow = (type: string, config: Config): Window | null => windows[type]?.(config) ?? null;
