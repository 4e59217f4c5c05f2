import { workKept } from "../../autodiff/cone/work.ts";
import { differentiable } from "../../autodiff/gradient.ts";
import { receptiveField } from "../../autodiff/receptive-field/receptive-field.ts";
import { ErfitError } from "../../core/error.ts";
import { axisMeanings } from "../../graph/axes/axes.ts";
import { dependents, producers, type Graph, type Node, type Value, ancestors } from "../../graph/graph.ts";
import type { ReadExternal } from "../../onnx/file/external-data.ts";
import type { WeightsFile } from "../../onnx/file/stored-bytes.ts";
import { importModel, type ImportedModel } from "../../onnx/import.ts";
import { imageInput } from "../fed-tensor.ts";
import { attributedToFile } from "../model-file.ts";
import type { NetworkOutput, TensorInfo, Network } from "../network.ts";
import { endingOf } from "./ending.ts";
import { valuesByName, type OnnxModel } from "./model.ts";
import { differentiate, forward } from "./runs.ts";
import { inferTypes, runOnce, runtimeName } from "../onnxruntime.ts";
import { readFrom } from "../outputs.ts";

/** Axes of the image that count rows and columns. */
type SpatialAxes = readonly [rows: number, columns: number];

const operatorOf = (node: Node): string => (node.op === "Opaque" ? node.attributes.opType : node.op);

/** The outputs, of whatever type. */
function outputsOf(graph: Graph): readonly NetworkOutput[] {
  const byOutput = producers(graph);
  return graph.outputs.flatMap(({ name, shape, dtype }) => {
    const node = byOutput.get(name);
    return node === undefined
      ? []
      : [{ name, shape, dtype, module: node.source?.module, operator: operatorOf(node) }];
  });
}

/** Tensors computed from the image, in topological order. */
function tensorsOf(
  graph: Graph,
  image: Value,
  spatial: SpatialAxes,
  added: ReadonlySet<string>,
): readonly TensorInfo[] {
  const reached = dependents(graph, [image.name]);
  const meanings = axisMeanings(graph, image, spatial);
  return graph.nodes.flatMap((node) =>
    node.outputs
      .filter(({ name, dtype }) => reached.has(name) && dtype === "float32")
      .map(({ name, shape }) => ({
        name,
        shape,
        module: node.source?.module,
        operator: operatorOf(node),
        axes: meanings.get(name),
        ...(added.has(name) ? { internal: true } : {}),
      })),
  );
}

interface OnnxOptions {
  /** Name for messages. */
  readonly file: string;
  readonly readExternal: ReadExternal;
  /** The file itself, from which weights are read when they are needed. */
  readonly ownFile?: WeightsFile;
  readonly inputShape?: readonly number[];
  readonly inputName?: string;
  /** Threads to compute with; 0: as many as there are cores. */
  readonly threads: number;
}

const imported = (bytes: Uint8Array, options: OnnxOptions): Promise<ImportedModel> => {
  const { file, readExternal, ownFile, inputShape, inputName } = options;
  return importModel(bytes, {
    file,
    readExternal,
    run: (part, feeds, purpose) => runOnce(part, feeds, `a run to ${purpose}`),
    infer: (part, purpose) => inferTypes(part, `a run to ${purpose}`),
    ...(ownFile === undefined ? {} : { ownFile }),
    ...(inputShape === undefined ? {} : { inputShape }),
    ...(inputName === undefined ? {} : { inputName }),
  }).catch((thrown: unknown) => {
    // Nothing of erfit's own is in the graph yet: what does not run is the user's model.
    if (thrown instanceof ErfitError && thrown.kind === "failure")
      throw new ErfitError(`${file}: ${thrown.message}`, { cause: thrown });
    throw thrown;
  });
};

/** Opens an ONNX model for running and differentiating in ONNX Runtime. */
export const openOnnx = (bytes: Uint8Array, options: OnnxOptions): Promise<Network> =>
  attributedToFile(options.file, () => opened(bytes, options));

async function opened(bytes: Uint8Array, options: OnnxOptions): Promise<Network> {
  const { file, threads } = options;
  const engine = await runtimeName(); // first: where there is no runtime, the file is not at fault
  const { graph, input: image, offPath, added, widened, remarks, metadata } = await imported(bytes, options);
  const input = imageInput(image, file);
  const spatial: SpatialAxes = input.layout === "NCHW" ? [2, 3] : [1, 2];
  const tensors = tensorsOf(graph, image, spatial, added);
  const outputs = outputsOf(graph);
  const [first] = outputs;
  if (first === undefined)
    throw new ErfitError(`${file}: the model's output does not depend on its image input "${input.name}"`);
  const valueNamed = valuesByName(graph, image, file);
  const ending = (tensor: string) => endingOf(graph, valueNamed(tensor));
  const model: OnnxModel = { file, graph, image, threads, valueNamed };
  let withGradient: ReadonlySet<string> | undefined;
  return {
    engine,
    input,
    outputs,
    ...readFrom({ tensors, ending }, first),
    graph,
    tensors,
    offPath,
    remarks: [...widened.map((type) => `${type} was turned into float32`), ...remarks].map(
      (remark) => `${file}: ${remark}`,
    ),
    metadata,
    ending,
    sourcesOf: (tensor) => ancestors(graph, [tensor]),
    hasGradient: (tensor) => (withGradient ??= differentiable(graph, image)).has(tensor),
    receptiveField: (tensor, cell) => receptiveField(graph, image, valueNamed(tensor), cell, spatial),
    workKept: (tensor, cell) => workKept(graph, valueNamed(tensor), cell),
    differentiate: (request) => attributedToFile(file, () => differentiate(model, request)),
    forward: (request) => attributedToFile(file, () => forward(model, request)),
  };
}
