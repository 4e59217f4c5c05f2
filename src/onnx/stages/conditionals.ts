import { create } from "@bufbuild/protobuf";
import { NodeProtoSchema, type GraphProto, type NodeProto, type TensorProto } from "onnx-buf";
import { ErfitError } from "../../core/error.ts";
import { numbersOf, type Tensor } from "../../core/tensor.ts";
import { withoutConstants, type FileGraph } from "../file/file-graph.ts";
import { inputOf, nameOf, outputOf, renamedTensor, substituted, withNode } from "../file/node.ts";

interface Branch {
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
}

/** The branch that an If node takes, written out in its place. Inner names that the graph has already get the node's. */
function taken(branch: GraphProto, node: NodeProto, used: ReadonlySet<string>): Branch {
  const outputs = new Map(branch.output.map(({ name }, index) => [name, outputOf(node, index)]));
  const inner = [
    ...branch.node.flatMap(({ output }) => output),
    ...branch.initializer.map(({ name }) => name),
  ];
  const names = new Map(inner.map((name) => [name, used.has(name) ? `${outputOf(node, 0)}/${name}` : name]));
  const produced = new Set(branch.node.flatMap(({ output }) => output));
  for (const [name, output] of outputs) if (produced.has(name) && output !== "") names.set(name, output);
  const rename = (name: string): string => names.get(name) ?? name;
  // An output that no node of the branch computes is an outer tensor or an initializer of the branch.
  const passedOn = branch.output.flatMap(({ name }, index) => {
    const output = outputOf(node, index);
    return output === "" || rename(name) === output
      ? []
      : [create(NodeProtoSchema, { opType: "Identity", input: [rename(name)], output: [output] })];
  });
  const nodes = branch.node.map((one) =>
    substituted(one, { name: rename, attribute: (attribute) => [attribute] }),
  );
  const named = nodes.map((one) => (one.name === "" ? withNode(one, { name: node.name }) : one));
  const written = withoutConstants([...named, ...passedOn]);
  return {
    nodes: written.nodes,
    initializers: [
      ...branch.initializer.map((tensor) => renamedTensor(tensor, rename(tensor.name))),
      ...written.initializers,
    ],
  };
}

/** The graph with each of these If nodes replaced by the branch that its condition, a constant, chooses. */
export function inlineConditionals(
  graph: FileGraph,
  conditionals: readonly NodeProto[],
  conditions: ReadonlyMap<string, Tensor>,
): FileGraph {
  const used = new Set([
    ...graph.inputs.map(({ name }) => name),
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap(({ output }) => output),
  ]);
  const initializers = new Map(graph.initializers);
  const nodes = graph.nodes.flatMap((node) => {
    const condition = conditions.get(inputOf(node, 0));
    if (!conditionals.includes(node) || condition === undefined) return [node];
    const name = numbersOf(condition)[0] === 0 ? "else_branch" : "then_branch";
    const branch = node.attribute.find((attribute) => attribute.name === name)?.g;
    if (branch === undefined) throw new ErfitError(`${graph.file}: ${nameOf(node)} has no ${name}`);
    const written = taken(branch, node, used);
    for (const tensor of written.initializers) {
      initializers.set(tensor.name, tensor);
      used.add(tensor.name);
    }
    for (const name of written.nodes.flatMap(({ output }) => output)) used.add(name);
    return written.nodes;
  });
  return { ...graph, nodes, initializers };
}
