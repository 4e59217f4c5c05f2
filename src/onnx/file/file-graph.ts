import { at } from "../../core/required.ts";
import type { NodeProto, TensorProto, ModelProto, TypeProto, ValueInfoProto } from "onnx-buf";
import { ErfitError } from "../../core/error.ts";
import { float32, int64, type Tensor } from "../../core/tensor.ts";
import { usesOf, nameOf, attributesOf, applies, renamedTensor, domainOf, withNode } from "./node.ts";
import { writeTensor, checkStored } from "./tensors.ts";

/** Every tensor has one definition, and nothing reads one that has none. */
function checkNames(
  nodes: readonly NodeProto[],
  given: readonly string[],
  outputs: readonly string[],
  file: string,
): void {
  const known = new Set(given);
  for (const node of nodes) {
    for (const name of node.output) {
      if (known.has(name))
        throw new ErfitError(`${file}: ${nameOf(node)} defines tensor "${name}" a second time`);
      known.add(name);
    }
  }
  for (const node of nodes) {
    const missing = usesOf(node).find((name) => !known.has(name));
    if (missing !== undefined)
      throw new ErfitError(`${file}: ${nameOf(node)} reads tensor "${missing}", which nothing defines`);
  }
  const missing = outputs.find((name) => !known.has(name));
  if (missing !== undefined) throw new ErfitError(`${file}: nothing defines its output "${missing}"`);
}

/** Nodes in topological order, the file's own order wherever that is one. */
function inOrder(nodes: readonly NodeProto[], given: readonly string[], file: string): readonly NodeProto[] {
  const ready = new Set(given);
  const ordered: NodeProto[] = [];
  const waiting = new Map<string, NodeProto[]>();
  const place = (first: NodeProto): void => {
    const stack = [first];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      const missing = usesOf(node).find((name) => !ready.has(name));
      if (missing !== undefined) {
        const others = waiting.get(missing);
        if (others === undefined) waiting.set(missing, [node]);
        else others.push(node);
        continue;
      }
      ordered.push(node);
      for (const name of node.output) {
        ready.add(name);
        stack.push(...(waiting.get(name) ?? []).toReversed());
        waiting.delete(name);
      }
    }
  };
  nodes.forEach(place);
  const [stuck] = [...waiting.values()].flat();
  if (stuck !== undefined) throw new ErfitError(`${file}: ${nameOf(stuck)} is part of a cycle`);
  return ordered;
}

/** The numbers that a Constant node holds in attributes other than `value`; undefined for text and sparse tensors. */
function numbersIn(node: NodeProto): Tensor | undefined {
  const { numbers } = attributesOf(node);
  const floats = numbers("value_floats");
  if (floats !== undefined) return float32([floats.length], floats);
  const ints = numbers("value_ints");
  if (ints !== undefined) return int64([ints.length], ints);
  const float = numbers("value_float");
  if (float !== undefined) return float32([], float);
  const int = numbers("value_int");
  return int === undefined ? undefined : int64([], int);
}

function storedIn(node: NodeProto): TensorProto | undefined {
  const [name] = node.output;
  if (!applies(node, "Constant") || name === undefined) return undefined;
  const value = attributesOf(node).tensor("value");
  if (value !== undefined) return renamedTensor(value, name);
  const numbers = numbersIn(node);
  return numbers && writeTensor(name, numbers);
}

/**
 * Takes the Constant nodes out of a list of nodes, as initializers by the names of their outputs. The two say the same,
 * and exporters choose freely between them; past this point there is one form. A Constant that holds text or a sparse
 * tensor stays a node.
 */
export function withoutConstants(nodes: readonly NodeProto[]): {
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
} {
  const initializers: TensorProto[] = [];
  const others = nodes.filter((node) => {
    const tensor = storedIn(node);
    if (tensor !== undefined) initializers.push(tensor);
    return tensor === undefined;
  });
  return { nodes: others, initializers };
}

/** A file's graph, still in the file's own operators, known to be well-formed: nodes in topological order, names unique. */
export interface FileGraph {
  readonly file: string;
  readonly irVersion: number;
  readonly opsets: ReadonlyMap<string, number>;
  /** What a caller must feed. (Up to IR 3 initializers are listed as inputs too; they are not among these.) */
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly string[];
  readonly nodes: readonly NodeProto[];
  readonly initializers: ReadonlyMap<string, TensorProto>;
  /** Types that the exporter recorded for tensors, by name. */
  readonly recorded: ReadonlyMap<string, TypeProto>;
}

const oldestOpset = 7;

/** Checks the main graph of a decoded model. */
export function fileGraph(model: ModelProto, file: string): FileGraph {
  const { graph } = model;
  if (graph === undefined) throw new ErfitError(`${file} holds no graph`);
  const opsets = new Map(model.opsetImport.map((opset) => [domainOf(opset), Number(opset.version)]));
  const opset = opsets.get("");
  if (opset === undefined || opset < oldestOpset) {
    const found = opset === undefined || opset === 0 ? "none" : `opset ${opset}`;
    throw new ErfitError(`${file}: erfit reads ONNX opset ${oldestOpset} and newer, found ${found}`);
  }
  const sparse = graph.sparseInitializer[0];
  if (sparse !== undefined) {
    throw new ErfitError(
      `${file}: tensor "${sparse.values?.name ?? ""}" is sparse, which erfit does not read`,
    );
  }
  const used = new Set([...graph.node.flatMap(usesOf), ...graph.output.map(({ name }) => name)]);
  const stored = new Set(graph.initializer.map(({ name }) => name));
  const tidy = graph.node.map((node) => withTidyOutputs(node, used));
  const inputs = graph.input.filter(({ name }) => !stored.has(name));
  const outputs = graph.output.map(({ name }) => name);
  checkNames(tidy, [...stored, ...inputs.map(({ name }) => name)], outputs, file);
  const { nodes, initializers: constants } = withoutConstants(tidy);
  const initializers = new Map([...graph.initializer, ...constants].map((tensor) => [tensor.name, tensor]));
  for (const [name, tensor] of initializers) checkStored(tensor, `${file}: tensor "${name}"`);
  const given = [...initializers.keys(), ...inputs.map(({ name }) => name)];
  return {
    file,
    irVersion: Number(model.irVersion),
    opsets,
    inputs,
    outputs,
    nodes: inOrder(nodes, given, file),
    initializers,
    recorded: new Map(
      [...graph.valueInfo, ...graph.output].flatMap(({ name, type }) =>
        type === undefined ? [] : [[name, type]],
      ),
    ),
  };
}

/** Operators whose outputs after the first are optional by-products. */
const byProducts = ["Dropout", "BatchNormalization", "MaxPool", "LayerNormalization"];

/** By-products that nothing reads are dropped; an omitted output that stands before others gets a name. */
function withTidyOutputs(node: NodeProto, used: ReadonlySet<string>): NodeProto {
  const optional = applies(node, ...byProducts);
  const last = node.output.findLastIndex(
    (name, index) => name !== "" && !(optional && index > 0 && !used.has(name)),
  );
  if (last === node.output.length - 1 && !node.output.includes("")) return node;
  const kept = node.output.slice(0, last + 1);
  const output = kept.map((name, index) => (name === "" ? `${at(kept, last)}:${index}` : name));
  return withNode(node, { output });
}
