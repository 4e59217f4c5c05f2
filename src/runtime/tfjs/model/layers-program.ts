import { io, type Tensor } from "@tensorflow/tfjs-core";
import { layers, loadLayersModel, type LayersModel } from "@tensorflow/tfjs-layers";
import { ErfitError } from "../../../core/error.ts";
import type { Shape } from "../../../core/tensor.ts";
import type { TfjsFile } from "./files.ts";
import {
  imageInput,
  needed,
  reachedFrom,
  reasonOf,
  type Program,
  type Step,
  type Survey,
  surveyed,
} from "./program.ts";
import { checkLayers } from "./layers-topology.ts";
import { partsOf, type Layer, type Part } from "./layer-parts.ts";

type Symbolic = LayersModel["outputs"][number];

/** A model that is a layer of another: transfer learning keeps the backbone as one. */
const isContainer = (layer: Layer): layer is LayersModel =>
  "layers" in layer && Array.isArray(layer.layers) && "outputs" in layer && "inputs" in layer;

interface LayerStep extends Step {
  readonly compute: Part["compute"];
  readonly shape: readonly (number | null)[];
  /** The layer's weights, at the first of the steps that it is. */
  readonly weights: Layer["weights"];
}

const sources = (node: layers.Layer["inboundNodes"][number] | undefined): readonly Symbolic[] =>
  node?.inputTensors ?? [];

/** Walks the layers from the outputs to the image and lists what each computes; models inside models are opened up. */
class LayerWalk {
  readonly steps = new Map<string, LayerStep>();
  readonly #calls = new Map<string, readonly string[]>();
  readonly #taken = new Set<string>();

  /** Names of the tensors that a model's outputs are, given the names of its inputs. */
  outputsOf(model: LayersModel, inputs: readonly string[], scope: string): readonly string[] {
    const known = new Map(model.inputs.map((symbol, k) => [symbol.id, inputs[k] ?? symbol.name]));
    return model.outputs.map((symbol) => this.#resolve(symbol, known, scope));
  }

  #resolve(symbol: Symbolic, known: ReadonlyMap<number, string>, scope: string): string {
    const fed = known.get(symbol.id);
    if (fed !== undefined) return fed;
    const layer = symbol.sourceLayer;
    // A layer that is called twice makes two tensors.
    const call = `${scope} ${layer.name} ${symbol.nodeIndex}`;
    let outputs = this.#calls.get(call);
    if (outputs === undefined) {
      const node = layer.inboundNodes[symbol.nodeIndex];
      const inputs = sources(node).map((source) => this.#resolve(source, known, scope));
      outputs = isContainer(layer)
        ? this.outputsOf(layer, inputs, scope === "" ? layer.name : `${scope}.${layer.name}`)
        : this.#add(layer, inputs, scope, node?.outputTensors ?? [], node?.callArgs ?? {});
      this.#calls.set(call, outputs);
    }
    return outputs[symbol.tensorIndex] ?? symbol.name;
  }

  #add(
    layer: Layer,
    inputs: readonly string[],
    scope: string,
    made: readonly Symbolic[],
    callArguments: Readonly<Record<string, unknown>>,
  ): readonly string[] {
    const own = this.#unique(layer.name, scope);
    const module = scope === "" ? undefined : `${scope}.${layer.name}`;
    let [from, weights] = [inputs, layer.weights];
    for (const { suffix, operator, window, compute } of partsOf(layer, callArguments)) {
      const name = `${own}${suffix}`;
      const shape = made[0]?.shape ?? [];
      this.steps.set(name, { name, operator, module, inputs: from, window, compute, shape, weights });
      [from, weights] = [[name], []];
    }
    made.slice(1).forEach(({ shape }, k) => {
      const name = `${own}:${k + 1}`;
      const compute: Part["compute"] = (values) => {
        const results = this.steps.get(own)?.compute(values);
        const [result] = Array.isArray(results) ? results.slice(k + 1) : [];
        if (result === undefined) throw new Error(`${layer.name} has no output ${k + 1}`);
        return result;
      };
      const step = { name, operator: "Output", module, inputs, window: null, compute, shape };
      this.steps.set(name, { ...step, weights: layer.weights });
    });
    return made.map((_, k) => (k === 0 ? own : `${own}:${k}`));
  }

  #unique(name: string, scope: string): string {
    const candidates = [name, ...(scope === "" ? [] : [`${scope.replaceAll(".", "/")}/${name}`])];
    const free = candidates.find((candidate) => !this.#taken.has(candidate));
    let chosen = free ?? name;
    for (let call = 1; this.#taken.has(chosen); call++) chosen = `${name}#${call}`;
    this.#taken.add(chosen);
    return chosen;
  }
}

const layerNames = (model: LayersModel): readonly string[] =>
  model.layers.flatMap((layer) => [layer.name, ...(isContainer(layer) ? layerNames(layer) : [])]);

/** Opens a layers model (Keras). @throws ErfitError in TF.js's own words where it cannot read one */
export async function layersProgram(
  file: TfjsFile,
  path: string,
  inputName: string | undefined,
): Promise<Program> {
  const { topology, weightSpecs, weightData } = file;
  checkLayers(topology, path);
  const model = await loadLayersModel(
    io.fromMemory({ modelTopology: topology, weightSpecs, weightData }),
  ).catch((thrown: unknown) => {
    throw new ErfitError(`${path}: TF.js cannot read the layers model: ${reasonOf(thrown)}`, {
      cause: thrown,
    });
  });
  // A symbol's own name counts the models of this process; its layer's is the file's.
  const inputs = new Map(model.inputs.map((symbol) => [symbol.sourceLayer.name, symbol]));
  const { shape, dtype, sourceLayer } = imageInput(inputs, path, inputName);
  const image = sourceLayer.name;
  const walk = new LayerWalk();
  const ends = [...new Set(walk.outputsOf(model, [...inputs.keys()], ""))];
  if (ends.length === 0) throw new ErfitError(`${path}: the model has no output`);

  const reached = reachedFrom(walk.steps.values(), image);
  const onPath = needed(walk.steps, new Set([image]), ends);
  const steps = [...walk.steps.values()].filter(({ name }) => reached.has(name) && onPath.has(name));
  const own = new Set(steps.map(({ name }) => name));
  return {
    input: { name: image, shape, integer: dtype === "int32" },
    steps,
    outputs: ends,
    offPath: new Set(layerNames(model).filter((name) => !own.has(name) && name !== image)),
    survey(given, backend) {
      const trials = steps.map(({ name, operator, inputs: reads, compute }) => ({
        name,
        operator,
        reads,
        held: true,
        compute: (known: ReadonlyMap<string, Tensor>) =>
          firstOf(compute(reads.map((read) => valueOf(known, read)))),
      }));
      return recorded(steps) ?? surveyed(trials, given, backend);
    },
    weights(given, wanted) {
      const read = [...needed(walk.steps, given, wanted)].flatMap(
        (name) => walk.steps.get(name)?.weights ?? [],
      );
      return [...new Set(read)].map((variable) => ({ name: variable.originalName, value: variable.read() }));
    },
    evaluate(given, wanted) {
      const values = new Map(given);
      const names = needed(walk.steps, new Set(given.keys()), wanted);
      for (const { name, inputs, compute } of walk.steps.values()) {
        if (!names.has(name)) continue;
        values.set(name, firstOf(compute(inputs.map((input) => valueOf(values, input)))));
      }
      return wanted.map((name) => valueOf(values, name));
    },
  };
}

function firstOf(made: Tensor | Tensor[]): Tensor {
  const [value] = Array.isArray(made) ? made : [made];
  if (value === undefined) throw new Error("a layer has no output");
  return value;
}

function valueOf(values: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const value = values.get(name);
  if (value === undefined) throw new ErfitError(`no tensor named "${name}"`);
  return value;
}

/** What layers state of one image, where they state all shapes; layers make numbers of float32. */
function recorded(steps: readonly LayerStep[]): Survey | undefined {
  const shapes = new Map<string, Shape>();
  for (const { name, shape } of steps) {
    const [, ...extents] = shape;
    const known = extents.flatMap((extent) => (extent === null ? [] : [extent]));
    if (known.length < extents.length) return undefined;
    shapes.set(name, [1, ...known]);
  }
  return { shapes, floats: new Set(shapes.keys()), faults: new Map() };
}
