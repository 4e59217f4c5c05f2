import type { NodeProto } from "onnx-buf";
import { ErfitError } from "../../core/error.ts";
import type { FileGraph } from "../file/file-graph.ts";
import { applies, nodesBefore, inputOf, subgraphsOf, usesOf } from "../file/node.ts";
import type { KnownType } from "./bounds.ts";

/** The part of a graph that computes something from the image. The rest are constants, once shapes are known. */
export interface DataPath {
  /** The nodes, in order. */
  readonly nodes: readonly NodeProto[];
  /** Names of the tensors that depend on the image, itself included. */
  readonly tensors: ReadonlySet<string>;
  /** Outputs of the model that depend on the image. */
  readonly outputs: readonly string[];
}

/** Names of what depends on the elements of `names`. A shape does not: it is known before any image comes. */
export function dependents(nodes: readonly NodeProto[], names: Iterable<string>): Set<string> {
  const reached = new Set(names);
  for (const node of nodes) {
    if (applies(node, "Shape", "Size")) continue;
    if (usesOf(node).some((name) => reached.has(name))) node.output.forEach((name) => reached.add(name));
  }
  return reached;
}

/** The graph without the nodes that `outputs` do not need. */
export const prunedTo = (graph: FileGraph, outputs: readonly string[]): FileGraph => ({
  ...graph,
  outputs,
  nodes: nodesBefore(graph.nodes, outputs),
});

/**
 * The graph with the outputs that can be computed from `image` alone (a model of images and texts has others).
 * @throws ErfitError where there are none.
 */
export function fromImageAlone(graph: FileGraph, image: string): FileGraph {
  const others = graph.inputs.flatMap(({ name }) => (name === image ? [] : [name]));
  const beyond = dependents(graph.nodes, others);
  const outputs = graph.outputs.filter((name) => !beyond.has(name));
  if (outputs.length === 0) {
    const needed = others.length === 1 ? "the input" : "the inputs";
    throw new ErfitError(
      `${graph.file}: its outputs need more than the image "${image}": also ${needed} "${others.join('", "')}"`,
      { remedy: "export the model with the image as its only input, the others as constants" },
    );
  }
  return prunedTo(graph, outputs);
}

/** @throws ErfitError where no output depends on the image. */
export function dataPath(graph: FileGraph, image: string): DataPath {
  const tensors = dependents(graph.nodes, [image]);
  const outputs = graph.outputs.filter((name) => tensors.has(name));
  if (outputs.length === 0) throw new ErfitError(`${graph.file}: no output depends on the input "${image}"`);
  const nodes = graph.nodes.filter((node) => node.output.some((name) => tensors.has(name)));
  return { nodes, tensors, outputs };
}

/*
 * Detectors keep the boxes whose score is above a threshold: how many there are is decided by what the image shows. A graph
 * of static shapes ends before that.
 */

/** Positions of the inputs whose elements decide how large an output is. */
const sizeInputs = new Map<string, readonly number[]>([
  ["NonZero", [0]],
  ["Unique", [0]],
  ["NonMaxSuppression", [0, 1, 2, 3, 4]],
  ["Compress", [1]],
  ["ConstantOfShape", [0]],
  ["Range", [0, 1, 2]],
  ["Slice", [1, 2, 3, 4]],
  ["Pad", [1, 3]],
  ["Resize", [1, 2, 3]],
  ["MaxUnpool", [2]],
  ...["Reshape", "Expand", "Tile", "TopK", "OneHot", "Split", "Upsample", "CenterCropPad"].map(
    (operator) => [operator, [1]] as const,
  ),
]);

/** Whether the elements of some tensors decide how large the outputs of a node are. */
export const isSizedBy = (node: NodeProto, names: ReadonlySet<string>): boolean =>
  applies(node, ...sizeInputs.keys()) &&
  (sizeInputs.get(node.opType) ?? []).some((position) => names.has(inputOf(node, position)));

/** Operators that pass on a part of their first input, or all of it. */
const selections = ["Gather", "Slice", "Split", "Squeeze", "Unsqueeze", "Identity"];

type Types = ReadonlyMap<string, KnownType>;

/** Names of what floating-point operators compute from the image in static shapes. */
function staticallyComputed(graph: FileGraph, image: string, types: Types, ofImage: ReadonlySet<string>) {
  const found = new Set([image]);
  for (const node of graph.nodes) {
    const computed =
      subgraphsOf(node).length === 0 &&
      node.output.every((name) => ofImage.has(name) && types.get(name)?.dtype === "float32") &&
      usesOf(node).every((name) => found.has(name) || !ofImage.has(name));
    if (computed) for (const name of node.output) found.add(name);
  }
  return found;
}

/**
 * The last tensors of static shape: those that the rest of the graph reads, as wholes where it reads them in parts. First come
 * those that decide the size: scores that are compared with a threshold.
 */
function looseEnds(graph: FileGraph, image: string, types: Types, sized: NodeProto): readonly string[] {
  const ofImage = dependents(graph.nodes, [image]);
  const computed = staticallyComputed(graph, image, types, ofImage);
  const producers = new Map(graph.nodes.flatMap((node) => node.output.map((name) => [name, node] as const)));
  const wholeOf = (name: string): string => {
    const node = producers.get(name);
    if (node === undefined || !applies(node, ...selections)) return name;
    const data = inputOf(node, 0);
    return computed.has(data) ? wholeOf(data) : name;
  };
  const rest = (nodes: readonly NodeProto[]) =>
    nodes
      .filter((node) => node.output.some((name) => ofImage.has(name) && !computed.has(name)))
      .flatMap(usesOf);
  const before = prunedTo(graph, sized.output).nodes;
  const ends = new Set(
    [...rest(before), ...rest(graph.nodes)].filter((name) => computed.has(name)).map(wholeOf),
  );
  ends.delete(image);
  return [...ends];
}

/**
 * What a graph of static shapes can have as outputs, where the image decides the size of some: the outputs of a static
 * shape; where there are none, the tensors that the rest of the graph is computed from.
 * @param types of all tensors whose size the image does not decide
 * @param sized the first node whose outputs have a size that the image decides
 */
export function staticOutputs(
  graph: FileGraph,
  image: string,
  types: Types,
  sized: NodeProto,
): readonly string[] {
  const ofImage = dependents(graph.nodes, [image]);
  const outputs = graph.outputs.filter((name) => ofImage.has(name) && types.get(name)?.dtype === "float32");
  return outputs.length > 0 ? outputs : looseEnds(graph, image, types, sized);
}
