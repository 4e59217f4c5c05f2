import type { NodeProto } from "onnx-buf";
import { ErfitError } from "../../core/error.ts";
import type { FileGraph } from "../file/file-graph.ts";
import { applies, usesOf } from "../file/scope.ts";

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
export function prunedTo(graph: FileGraph, outputs: readonly string[]): FileGraph {
  const needed = new Set(outputs);
  const nodes = graph.nodes.toReversed().filter((node) => {
    if (!node.output.some((name) => needed.has(name))) return false;
    usesOf(node).forEach((name) => needed.add(name));
    return true;
  });
  return { ...graph, outputs, nodes: nodes.reverse() };
}

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
