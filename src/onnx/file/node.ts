import { create } from "@bufbuild/protobuf";
import {
  AttributeProtoSchema,
  GraphProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
  AttributeProto_AttributeType as Type,
} from "onnx-buf";
import { sameBytes } from "./stored-bytes.ts";

/** `ai.onnx` is another spelling of the default domain. */
export const domainOf = ({ domain }: { readonly domain: string }): string =>
  domain === "ai.onnx" ? "" : domain;

/** Whether a node applies one of the given operators of the default domain. */
export const applies = (node: NodeProto, ...opTypes: readonly string[]): boolean =>
  domainOf(node) === "" && opTypes.includes(node.opType);

/** The name of an input; empty for one that is left out, as ONNX has it. */
export const inputOf = ({ input }: NodeProto, index: number): string => input[index] ?? "";

/** The name of an output; empty for one that is left out. */
export const outputOf = ({ output }: NodeProto, index: number): string => output[index] ?? "";

/** How messages name a node: by its name, or where it has none by operator and output. */
export const nameOf = (node: NodeProto): string =>
  `${node.opType} node ${node.name === "" ? `of "${node.output.find((name) => name !== "") ?? ""}"` : `"${node.name}"`}`;

/** The graphs inside a node: the branches of If, the bodies of Loop and Scan. */
export const subgraphsOf = (node: NodeProto): GraphProto[] =>
  node.attribute.flatMap(({ g, graphs }) => (g === undefined ? graphs : [g, ...graphs]));

/** Names that the graphs inside a node take from outside: inputs that ONNX does not list. */
export const capturesOf = (node: NodeProto): string[] => [...new Set(subgraphsOf(node).flatMap(freeNames))];

const usesByNode = new WeakMap<NodeProto, readonly string[]>();

/** Names of all tensors that a node reads. Every pass over a graph needs them: they are collected once a node. */
export function usesOf(node: NodeProto): readonly string[] {
  const known = usesByNode.get(node);
  if (known !== undefined) return known;
  const uses = [...node.input.filter((name) => name !== ""), ...capturesOf(node)];
  usesByNode.set(node, uses);
  return uses;
}

/**
 * The nodes, of a list in topological order, that compute `names`.
 * @param uses what a node is computed from, as far as it is to be followed
 */
export function nodesBefore(
  nodes: readonly NodeProto[],
  names: Iterable<string>,
  uses: (node: NodeProto) => readonly string[] = usesOf,
): readonly NodeProto[] {
  const needed = new Set(names);
  return nodes
    .toReversed()
    .filter((node) => {
      const wanted = node.output.some((name) => needed.has(name));
      if (wanted) for (const name of uses(node)) needed.add(name);
      return wanted;
    })
    .reverse();
}

function freeNames(graph: GraphProto): string[] {
  const own = new Set([
    ...graph.input.map(({ name }) => name),
    ...graph.initializer.map(({ name }) => name),
    ...graph.node.flatMap(({ output }) => output),
  ]);
  const used = [...graph.node.flatMap(usesOf), ...graph.output.map(({ name }) => name)];
  return used.filter((name) => !own.has(name));
}

/** A copy of a node with some fields replaced. */
export const withNode = (
  node: NodeProto,
  changes: Partial<Pick<NodeProto, "name" | "input" | "output" | "attribute" | "metadataProps">>,
): NodeProto =>
  create(NodeProtoSchema, {
    name: node.name,
    opType: node.opType,
    domain: node.domain,
    overload: node.overload,
    input: node.input,
    output: node.output,
    attribute: node.attribute,
    metadataProps: node.metadataProps,
    ...changes,
  });

/** The node with every graph inside it replaced. */
export function mapSubgraphs(node: NodeProto, change: (graph: GraphProto) => GraphProto): NodeProto {
  if (subgraphsOf(node).length === 0) return node;
  const attribute = node.attribute.map((one) => {
    if (one.g === undefined && one.graphs.length === 0) return one;
    const graphs = one.graphs.map(change);
    return create(AttributeProtoSchema, {
      name: one.name,
      type: one.type,
      graphs,
      ...(one.g && { g: change(one.g) }),
    });
  });
  return withNode(node, { attribute });
}

/** How a body is written out where it is used: what its names become, and what its attributes become. */
interface Substitution {
  readonly name: (name: string) => string;
  readonly attribute: (attribute: AttributeProto) => readonly AttributeProto[];
}

export function substituted(node: NodeProto, by: Substitution): NodeProto {
  const rename = (name: string): string => (name === "" ? "" : by.name(name));
  const plain = withNode(node, {
    input: node.input.map(rename),
    output: node.output.map(rename),
    attribute: node.attribute.flatMap(by.attribute),
  });
  return mapSubgraphs(plain, (graph) => substitutedGraph(graph, by));
}

/** The stored tensor under another name. */
export const renamedTensor = (tensor: TensorProto, name: string): TensorProto => {
  const renamed = create(TensorProtoSchema, {
    name,
    dims: tensor.dims,
    dataType: tensor.dataType,
    rawData: tensor.rawData,
    floatData: tensor.floatData,
    doubleData: tensor.doubleData,
    int32Data: tensor.int32Data,
    int64Data: tensor.int64Data,
    uint64Data: tensor.uint64Data,
    stringData: tensor.stringData,
    externalData: tensor.externalData,
    dataLocation: tensor.dataLocation,
  });
  return sameBytes(tensor, renamed);
};

function substitutedGraph(graph: GraphProto, by: Substitution): GraphProto {
  const info = ({ name, type }: ValueInfoProto): ValueInfoProto =>
    create(ValueInfoProtoSchema, { name: by.name(name), ...(type && { type }) });
  return create(GraphProtoSchema, {
    name: graph.name,
    node: graph.node.map((node) => substituted(node, by)),
    initializer: graph.initializer.map((tensor) => renamedTensor(tensor, by.name(tensor.name))),
    input: graph.input.map(info),
    output: graph.output.map(info),
  });
}

/** A node's attributes, typed; each accessor takes the default that the specification gives. */
export interface Attributes {
  readonly int: (name: string, absent: number) => number;
  readonly flag: (name: string, absent: boolean) => boolean;
  readonly float: (name: string, absent: number) => number;
  readonly text: (name: string, absent: string) => string;
  readonly numbers: (name: string) => readonly number[] | undefined;
  readonly tensor: (name: string) => TensorProto | undefined;
}

const decoder = new TextDecoder();

/** The shortest decimal number that is the same float32: 0.01, where the file's 32 bits read 0.009999999776482582. */
export function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return value;
}

/** A number, whether the exporter wrote it as an integer or as a float. */
const scalarOf = (attribute: AttributeProto): number =>
  attribute.type === Type.FLOAT ? shortest(attribute.f) : Number(attribute.i);

export function attributesOf(node: NodeProto): Attributes {
  const find = (name: string) => node.attribute.find((attribute) => attribute.name === name);
  const scalar = (name: string, absent: number): number => {
    const attribute = find(name);
    return attribute === undefined ? absent : scalarOf(attribute);
  };
  return {
    int: scalar,
    float: scalar,
    flag: (name, absent) => scalar(name, absent ? 1 : 0) !== 0,
    text: (name, absent) => {
      const attribute = find(name);
      return attribute === undefined ? absent : decoder.decode(attribute.s);
    },
    numbers: (name) => {
      const attribute = find(name);
      if (attribute === undefined) return undefined;
      if (attribute.type === Type.FLOATS) return attribute.floats.map(shortest);
      return attribute.type === Type.INTS ? attribute.ints.map(Number) : [scalarOf(attribute)];
    },
    tensor: (name) => find(name)?.t,
  };
}
