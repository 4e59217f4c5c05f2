import { valueOf } from "../core/required.ts";
import type { NodeProto } from "onnx-buf";
import type { Graph, Value } from "../graph/graph.ts";
import { ErfitError, listed } from "../core/error.ts";
import type { Shape, Tensor } from "../core/tensor.ts";
import { writeBatchStatistics } from "./stages/batch-statistics.ts";
import { inlineConditionals } from "./stages/conditionals.ts";
import { foldConstants } from "./stages/constants.ts";
import { dataPath, fromImageAlone, prunedTo, type DataPath } from "./stages/data-path.ts";
import { joinExternalData, leaveWeights, type ReadExternal } from "./file/external-data.ts";
import { fileGraph, type FileGraph } from "./file/file-graph.ts";
import { inlineFunctions } from "./stages/functions.ts";
import { imageInput, type ImageInput } from "./stages/image-input.ts";
import { normalized } from "./stages/normal-form.ts";
import { widenToFloat32 } from "./stages/precision.ts";
import type { WeightsFile } from "./file/stored-bytes.ts";
import { MissingOperator, runtimeFor, type InferTypes, type RunModel, type Runtime } from "./runtime.ts";
import { applies, capturesOf, inputOf, nameOf } from "./file/node.ts";
import { tensorTypes, type TensorTypes } from "./stages/tensor-types.ts";
import { checkForms } from "./file/forms.ts";
import { decodeModel } from "./file/wire.ts";

export interface ImportOptions {
  /** How messages name the file. */
  readonly file: string;
  /** Checks the model, and runs parts of it: for shapes that the file does not record, and for its constants. */
  readonly run: RunModel;
  readonly infer: InferTypes;
  /** Opens a file of weights beside the model. */
  readonly readExternal: ReadExternal;
  /** The model's own file, where it can be read again: large weights then stay there until they are needed. */
  readonly ownFile?: WeightsFile;
  /** Shape of the image input, `[1, channels, height, width]` or as the model has it; fixes what the file leaves open. */
  readonly inputShape?: Shape;
  /** The image input, where the model has several. */
  readonly inputName?: string;
}

export interface ImportedModel {
  /** From the image to all outputs that depend on it alone, in the operators' normal form. */
  readonly graph: Graph;
  /** The image, float32. */
  readonly input: Value;
  /** Whether the file left the image's channels, height or width open. */
  readonly inputSymbolic: boolean;
  /** Version of the default operator set, and of the file format. */
  readonly opset: number;
  readonly irVersion: number;
  /** The exporter and its version. */
  readonly producer: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Element types that were turned into float32. */
  readonly widened: readonly string[];
  /** What else importing changed or assumed, for the user: each completes "net.onnx: ...". */
  readonly remarks: readonly string[];
  /** Names of the file's tensors that do not lie on a path from the image to an output: weights, constants, loose ends. */
  readonly offPath: ReadonlySet<string>;
  /** Names of the graph's tensors that import rules added within a node of the file: nothing outside knows them. */
  readonly added: ReadonlySet<string>;
}

/**
 * Reads an ONNX file, opset 7 and newer, into a typed graph with a static shape.
 *
 * What a file may leave open or write in several ways is settled here: local functions, weights in other files, other
 * precisions, symbolic sizes, shape arithmetic, opset versions. Nothing past this folder knows that they exist.
 * @throws ErfitError that names the file and the node, tensor or input.
 */
export async function importModel(bytes: Uint8Array, options: ImportOptions): Promise<ImportedModel> {
  const { file } = options;
  const runtime = runtimeFor(file, options);
  const decoded = decodeModel(bytes, file);
  if (options.ownFile !== undefined) leaveWeights(decoded, bytes, options.ownFile);
  const model = inlineFunctions(decoded, file);
  checkForms(model, file);
  await joinExternalData(model, file, options.readExternal);
  const widened = widenToFloat32(model, file);
  const normalizedByBatch = writeBatchStatistics(model, file);
  const whole = fileGraph(model, file);
  const image = imageInput(whole, options);
  const { graph, path, types, problem, remarks, constants } = await settled(
    fromImageAlone(whole, image.value.name),
    image,
    runtime,
  );
  const normal = agreed(() => normalized(graph, path, image.value, types, constants), problem);
  return {
    graph: normal,
    input: image.value,
    inputSymbolic: image.symbolic,
    opset: valueOf(whole.opsets, ""),
    irVersion: whole.irVersion,
    producer: [model.producerName, model.producerVersion].filter((part) => part !== "").join(" "),
    metadata: Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value])),
    widened,
    remarks: [...remarks, ...batchRemark(normalizedByBatch, path), ...quantizationRemark(normal)],
    offPath: offPath(whole, normal, image.value),
    added: addedTo(graph, normal),
  };
}

function addedTo(file: FileGraph, { nodes }: Graph): ReadonlySet<string> {
  const own = new Set(file.nodes.flatMap((node) => node.output));
  return new Set(
    nodes.flatMap(({ outputs }) => outputs.map(({ name }) => name)).filter((name) => !own.has(name)),
  );
}

/**
 * The graph, where the runtime accepts it. The import rules come first: their messages are for people. A file may
 * hold an operator that this build of the runtime lacks, as long as nothing downstream of it is needed.
 */
function agreed(graph: () => Graph, problem: Error | undefined): Graph {
  if (problem === undefined || problem instanceof MissingOperator) return graph();
  try {
    graph();
  } catch (thrown) {
    if (thrown instanceof ErfitError) throw thrown;
  }
  throw problem;
}

function offPath(whole: FileGraph, { nodes }: Graph, image: Value): ReadonlySet<string> {
  const onPath = new Set([image.name, ...nodes.flatMap((node) => node.outputs.map(({ name }) => name))]);
  const names = [...whole.initializers.keys(), ...whole.nodes.flatMap((node) => node.output)];
  return new Set(names.filter((name) => name !== "" && !onPath.has(name)));
}

/** A network that was exported in training mode runs, and computes what it does not compute in use. */
function batchRemark(normalized: readonly string[], { tensors }: DataPath): readonly string[] {
  const count = normalized.filter((name) => tensors.has(name)).length;
  if (count === 0) return [];
  const nodes = count === 1 ? "1 node" : `${count} nodes`;
  return [
    `batch normalization in training mode (${nodes}) uses the statistics of the image itself; export the model after \`model.eval()\` to use the running ones`,
  ];
}

function quantizationRemark({ nodes }: Graph): readonly string[] {
  const quantized = nodes.some(({ op }) => op === "QuantizeLinear" || op === "DynamicQuantizeLinear");
  if (!quantized) return [];
  return [
    "activations are quantized; gradients pass straight through the rounding, and are zero where values are clamped",
  ];
}

interface Settled {
  readonly graph: FileGraph;
  readonly path: DataPath;
  readonly types: TensorTypes;
  readonly problem: Error | undefined;
  readonly remarks: readonly string[];
  readonly constants: ReadonlyMap<string, Tensor>;
}

/** Types and constants of the data path. A branch that a constant chooses brings in new nodes: these come round again. */
async function settled(whole: FileGraph, image: ImageInput, runtime: Runtime): Promise<Settled> {
  const found = await tensorTypes(whole, dataPath(whole, image.value.name), image, runtime);
  const { types, problem, narrowed } = found;
  const graph = narrowed?.graph ?? whole;
  const path = dataPath(graph, image.value.name);
  const remarks = [
    ...found.remarks,
    ...(narrowed === undefined ? [] : [varyingRemark(narrowed.before, whole.outputs, path)]),
  ];
  const conditionals = path.nodes.filter(
    (node) => applies(node, "If") && !path.tensors.has(inputOf(node, 0)),
  );
  if (conditionals.length === 0) {
    return {
      graph,
      path,
      types,
      problem,
      remarks,
      constants: await foldConstants(graph, types, boundary(path), runtime),
    };
  }
  const conditions = new Set(conditionals.map((node) => inputOf(node, 0)));
  const inlined = inlineConditionals(
    graph,
    conditionals,
    await foldConstants(graph, types, conditions, runtime),
  );
  const inner = await settled(prunedTo(inlined, graph.outputs), image, runtime);
  return { ...inner, remarks: [...remarks, ...inner.remarks] };
}

/** A detector finds as many objects as there are: outputs whose size the image decides are not in the graph. */
function varyingRemark(node: NodeProto, all: readonly string[], { outputs }: DataPath): string {
  const lost = all.filter((name) => !outputs.includes(name));
  const which = lost.length === 1 ? "output" : "outputs";
  return `the content of the image decides the size of the ${which} ${listed(lost)} (${nameOf(node)}), and erfit needs static shapes: the network ends at ${listed(outputs)}`;
}

/** Operators whose further inputs say nothing that the output's shape does not say. */
const shapedByOutput = ["Reshape", "Squeeze", "Unsqueeze", "Expand"];

/** Names of the constants that the data path reads. */
function boundary(path: DataPath): ReadonlySet<string> {
  const names = path.nodes.flatMap((node) =>
    applies(node, ...shapedByOutput) ? node.input.slice(0, 1) : [...node.input, ...capturesOf(node)],
  );
  return new Set(names.filter((name) => name !== "" && !path.tensors.has(name)));
}
