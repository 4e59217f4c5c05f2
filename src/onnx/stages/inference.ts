import { create } from "@bufbuild/protobuf";
import { NodeProtoSchema, type NodeProto, type TensorProto } from "onnx-buf";
import type { Value } from "../../graph/graph.ts";
import type { FileGraph } from "../file/file-graph.ts";
import { dtypeOf } from "../file/element-type.ts";
import { usesOf } from "../file/scope.ts";
import { rawLength } from "../file/stored-bytes.ts";
import { subModel } from "../file/sub-model.ts";
import type { InferredType, Runtime } from "../runtime.ts";
import { strata } from "./strata.ts";

/** Nodes of a file's graph that are looked at before they are run. */
export interface Part {
  readonly nodes: readonly NodeProto[];
  /** What is fed, or stands for nodes whose outputs have been seen already. */
  readonly inputs: readonly Value[];
  /** Tensors that stand for nodes whose outputs are known. */
  readonly constants: readonly TensorProto[];
}

/** Weights from this size on say nothing of shapes: their type is enough, and their bytes are not copied. */
const smallestWeight = 4096;

/** A stored tensor as an input of its type; undefined for the small ones, whose elements may be sizes. */
function asInput({ name, dataType, dims }: TensorProto): Value | undefined {
  const dtype = dtypeOf(dataType);
  return dtype === undefined ? undefined : { name, dtype, shape: dims.map(Number) };
}

function partModel(graph: FileGraph, part: Part, outputs: readonly string[]): Uint8Array {
  const used = new Set(part.nodes.flatMap(usesOf));
  const weights = [...graph.initialisers.values()].flatMap((tensor) => {
    const value = rawLength(tensor) < smallestWeight || !used.has(tensor.name) ? undefined : asInput(tensor);
    return value === undefined ? [] : [value];
  });
  const initialisers = new Map(graph.initialisers);
  for (const { name } of weights) initialisers.delete(name);
  return subModel({ ...graph, initialisers }, { ...part, inputs: [...part.inputs, ...weights], outputs });
}

const isFlat = (type: InferredType | undefined): boolean =>
  type?.dtype !== undefined && type.shape.length === 0;

/** Outputs that look like scalars: of those whose number of axes is open, the runtime says no more. */
async function scalarsAmong(
  graph: FileGraph,
  part: Part,
  names: readonly string[],
  runtime: Runtime,
  purpose: string,
): Promise<ReadonlySet<string>> {
  const ranks = new Map(names.map((name, k) => [`${name}:rank of erfit ${k}`, name]));
  const nodes = [...ranks].map(([rank, name]) =>
    create(NodeProtoSchema, { opType: "Shape", input: [name], output: [rank] }),
  );
  const whole = { ...part, nodes: [...part.nodes, ...nodes] };
  const types = await runtime.infer(partModel(graph, whole, [...ranks.keys()]), purpose);
  return new Set([...ranks].flatMap(([rank, name]) => (types.get(rank)?.shape[0] === 0 ? [name] : [])));
}

/** The same of nodes among which no Slice stands behind a window. */
async function inferredStratum(
  graph: FileGraph,
  part: Part,
  runtime: Runtime,
  purpose: string,
): Promise<ReadonlyMap<string, InferredType | null>> {
  const outputs = part.nodes.flatMap(({ output }) => output.filter((name) => name !== ""));
  const types = await runtime.infer(partModel(graph, part, outputs), purpose);
  const flat = outputs.filter((name) => isFlat(types.get(name)));
  const scalars = flat.length === 0 ? flat : await scalarsAmong(graph, part, flat, runtime, purpose);
  const known = new Set(scalars);
  return new Map(
    outputs.map((name) => {
      const type = types.get(name);
      return [name, type === undefined || (isFlat(type) && !known.has(name)) ? null : type];
    }),
  );
}

/**
 * What the runtime infers of every output of a part: null where it cannot tell how many axes there are. The part is loaded,
 * and so checked node by node; nothing is computed.
 */
export async function inferredTypes(
  graph: FileGraph,
  part: Part,
  runtime: Runtime,
  purpose: string,
): Promise<ReadonlyMap<string, InferredType | null>> {
  let types: ReadonlyMap<string, InferredType | null> = new Map();
  if (part.nodes.length === 0) return types;
  for (const nodes of strata(part.nodes))
    types = await inferredStratum(graph, { ...part, nodes }, runtime, purpose);
  return types;
}
