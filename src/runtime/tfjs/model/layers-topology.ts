import { ErfitError } from "../../../core/error.ts";

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
