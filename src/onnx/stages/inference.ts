import { create } from "@bufbuild/protobuf";
import { NodeProtoSchema, type NodeProto, type TensorProto } from "onnx-buf";
import type { Value } from "../../graph/graph.ts";
import { numbersOf } from "../../core/tensor.ts";
import type { FileGraph } from "../file/file-graph.ts";
import { dtypeOf } from "../file/element-type.ts";
import { applies, nodesBefore, inputOf, usesOf } from "../file/node.ts";
import { rawLength } from "../file/stored-bytes.ts";
import { subModel } from "../file/wire.ts";
import { readTensor } from "../file/tensors.ts";
import type { InferredType, Runtime } from "../runtime.ts";
import { isWindow, waitingForExtents, type StoredNumbers } from "./slices-that-wait.ts";

/** Nodes of a file's graph that are inferred before they are run. */
export interface Part {
  readonly nodes: readonly NodeProto[];
  /** What is fed, or stands for nodes whose outputs have been seen already. */
  readonly inputs: readonly Value[];
  /** Tensors that stand for nodes whose outputs are known. */
  readonly constants: readonly TensorProto[];
}

type Types = ReadonlyMap<string, InferredType | null>;

/** Weights from this size on determine no shapes: their type is enough, and their bytes are not copied. */
const smallestWeight = 4096;

/** A stored tensor as an input of its type; undefined for the small ones, whose elements may be sizes. */
function asInput({ name, dataType, dims }: TensorProto): Value | undefined {
  const dtype = dtypeOf(dataType);
  return dtype === undefined ? undefined : { name, dtype, shape: dims.map(Number) };
}

function partModel(graph: FileGraph, part: Part, outputs: readonly string[]): Uint8Array {
  const used = new Set(part.nodes.flatMap(usesOf));
  const weights = [...graph.initializers.values()].flatMap((tensor) => {
    const value = rawLength(tensor) < smallestWeight || !used.has(tensor.name) ? undefined : asInput(tensor);
    return value === undefined ? [] : [value];
  });
  const initializers = new Map(graph.initializers);
  for (const { name } of weights) initializers.delete(name);
  return subModel({ ...graph, initializers }, { ...part, inputs: [...part.inputs, ...weights], outputs });
}

/** The nodes that compute `names`, with inputs in place of what is known. */
function cutAt(part: Part, names: Iterable<string>, known: (name: string) => Value | undefined): Part {
  const cuts = new Map<string, Value>();
  const nodes = nodesBefore(part.nodes, names, (node) =>
    usesOf(node).filter((name) => {
      const value = known(name);
      if (value !== undefined) cuts.set(name, value);
      return value === undefined;
    }),
  );
  const made = new Set(nodes.flatMap((node) => node.output));
  const inputs = new Map([...part.inputs.map((value) => [value.name, value] as const), ...cuts]);
  return {
    ...part,
    nodes,
    inputs: [...inputs.values()].filter(({ name }) => !made.has(name)),
  };
}

/** A tensor as an input of its type, where the type is complete. */
function asValue(name: string, type: InferredType | null | undefined): Value | undefined {
  const shape = type?.shape.filter((extent) => extent !== null);
  return type?.dtype !== undefined && shape?.length === type.shape.length
    ? { name, dtype: type.dtype, shape }
    : undefined;
}

const isFlat = (type: InferredType | undefined): boolean =>
  type?.dtype !== undefined && type.shape.length === 0;

const outputsOf = (nodes: readonly NodeProto[]): readonly string[] =>
  nodes.flatMap(({ output }) => output.filter((name) => name !== ""));

/** Infers nodes that no Slice among them has to wait for. */
async function inferredAtOnce(
  graph: FileGraph,
  part: Part,
  runtime: Runtime,
  purpose: string,
): Promise<Types> {
  const outputs = outputsOf(part.nodes);
  const types = await runtime.infer(partModel(graph, part, outputs), purpose);
  const flat = outputs.filter((name) => isFlat(types.get(name)));
  const scalars =
    flat.length === 0 ? new Set(flat) : await scalarsAmong(graph, part, flat, types, runtime, purpose);
  return new Map(
    outputs.map((name) => {
      const type = types.get(name);
      return [name, type === undefined || (isFlat(type) && !scalars.has(name)) ? null : type];
    }),
  );
}

/** Of the outputs that look like scalars, those that are: of the others, the runtime does not know the number of axes. */
async function scalarsAmong(
  graph: FileGraph,
  part: Part,
  flat: readonly string[],
  types: ReadonlyMap<string, InferredType>,
  runtime: Runtime,
  purpose: string,
): Promise<ReadonlySet<string>> {
  const ranks = new Map(flat.map((name, k) => [`${name}:rank of erfit ${k}`, name]));
  const nodes = [...ranks].map(([rank, name]) =>
    create(NodeProtoSchema, { opType: "Shape", input: [name], output: [rank] }),
  );
  const values = fromShapesAlone(part, () => true);
  const requested = cutAt({ ...part, nodes: [...part.nodes, ...nodes] }, ranks.keys(), (name) => {
    const type = types.get(name);
    return isFlat(type) || values.has(name) ? undefined : asValue(name, type);
  });
  const found = await runtime.infer(partModel(graph, requested, [...ranks.keys()]), purpose);
  return new Set([...ranks].flatMap(([rank, name]) => (found.get(rank)?.shape[0] === 0 ? [name] : [])));
}

/**
 * Names of what is computed from constants and shapes alone. The runtime follows the elements of these, for they may be
 * sizes: where a part is cut, they are computed again.
 */
function fromShapesAlone(part: Part, hasShape: (name: string) => boolean): ReadonlySet<string> {
  const others = new Set(part.inputs.map(({ name }) => name));
  const found = new Set<string>();
  for (const node of part.nodes) {
    const known = applies(node, "Shape", "Size")
      ? hasShape(inputOf(node, 0))
      : !isWindow(node) && !usesOf(node).some((name) => others.has(name));
    for (const name of node.output) (known ? found : others).add(name);
  }
  return found;
}

/** The elements of the small tensors that a part is given. */
function storedNumbers(graph: FileGraph, part: Part): StoredNumbers {
  const computed = new Map(part.constants.map((tensor) => [tensor.name, tensor]));
  return (name) => {
    const tensor = computed.get(name) ?? graph.initializers.get(name);
    return tensor === undefined || dtypeOf(tensor.dataType) !== "int64" || rawLength(tensor) >= smallestWeight
      ? undefined
      : numbersOf(readTensor(tensor, `${graph.file}: tensor "${name}"`));
  };
}

/** Of nodes that waited, those whose inputs have shapes by now. */
function inferable(part: Part, waiting: readonly NodeProto[], types: Types): readonly NodeProto[] {
  const open = new Set(outputsOf(part.nodes).filter((name) => asValue(name, types.get(name)) === undefined));
  return waiting.filter((node) => {
    const ready = !usesOf(node).some((name) => open.has(name));
    if (ready) for (const name of node.output) open.delete(name);
    return ready;
  });
}

/** The part from what is inferred on: the nodes that come next, and what determines their sizes. */
function continued(part: Part, next: readonly NodeProto[], types: Types): Part {
  const made = new Set(outputsOf(next));
  const complete = (name: string): Value | undefined => asValue(name, types.get(name));
  const values = fromShapesAlone(part, (name) => !made.has(name) && complete(name) !== undefined);
  return cutAt(part, made, (name) => (made.has(name) || values.has(name) ? undefined : complete(name)));
}

/**
 * What the runtime infers of every output of a part: null where it cannot tell how many axes there are. The part is loaded,
 * and so checked node by node; nothing is computed. Each node is inferred once, in as few sessions as is safe.
 */
export async function inferredTypes(
  graph: FileGraph,
  part: Part,
  runtime: Runtime,
  purpose: string,
): Promise<Types> {
  const numbers = storedNumbers(graph, part);
  const types = new Map<string, InferredType | null>();
  let { now, later } = waitingForExtents(part.nodes, numbers);
  for (
    let requested: Part = { ...part, nodes: now };
    now.length > 0;
    requested = continued(part, now, types)
  ) {
    for (const [name, type] of await inferredAtOnce(graph, requested, runtime, purpose))
      if (!types.has(name)) types.set(name, type);
    ({ now, later } = waitingForExtents(inferable(part, later, types), numbers));
  }
  for (const name of outputsOf(part.nodes)) if (!types.has(name)) types.set(name, null);
  return types;
}
