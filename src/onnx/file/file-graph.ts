import type { ModelProto, NodeProto, TensorProto, TypeProto, ValueInfoProto } from "onnx-buf";
import { ErfitError } from "../../core/error.ts";
import { withoutConstants } from "./constant-nodes.ts";
import { applies, domainOf, usesOf, withNode } from "./scope.ts";
import { checkStored } from "./tensors.ts";
import { checkNames, inOrder } from "./topology.ts";

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
  const opset = opsets.get("") ?? 0;
  if (opset < oldestOpset) {
    const found = opset === 0 ? "none" : `opset ${opset}`;
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
  const output = kept.map((name, index) => (name === "" ? `${kept[last] ?? ""}:${index}` : name));
  return withNode(node, { output });
}
