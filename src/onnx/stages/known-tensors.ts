import type { NodeProto, TensorProto } from "onnx-buf";
import type { Tensor } from "../../core/tensor.ts";
import type { Value } from "../../graph/graph.ts";
import { dtypeOf } from "../file/element-type.ts";
import type { FileGraph } from "../file/file-graph.ts";
import { withNode } from "../file/node.ts";
import { readTensor, writeTensor } from "../file/tensors.ts";
import type { InferredType } from "../runtime.ts";
import type { KnownType } from "./bounds.ts";

/** Marks an output that is computed once more beside another output of its node. */
const again = ":again";

/** What is known so far of the tensors of a file's graph. */
export class KnownTensors {
  graph: FileGraph;
  readonly types = new Map<string, KnownType>();
  /** Small tensors that were computed: they stand for the nodes that compute them. */
  readonly #computed = new Map<string, Tensor>();
  readonly #read = new Map<string, Tensor>();

  /** @param computed tensors that take the place of nodes */
  constructor(graph: FileGraph, computed: ReadonlyMap<string, Tensor>) {
    this.graph = graph;
    for (const [name, tensor] of computed) this.add(name, tensor);
  }

  add(name: string, tensor: Tensor): void {
    this.#computed.set(name, tensor);
    this.types.set(name, { dtype: tensor.dtype, shape: tensor.shape });
  }

  /** Adds what the runtime infers: null where it does not know the number of axes. @returns whether the type is complete */
  addInferred(name: string, type: InferredType | null): boolean {
    const shape = type?.shape.flatMap((extent) => extent ?? []);
    const complete = type !== null && shape?.length === type.shape.length;
    if (complete && !name.endsWith(again)) this.types.set(name, { dtype: type.dtype, shape });
    return complete || name.endsWith(again);
  }

  /** Whether a tensor was computed. */
  isKnown(name: string): boolean {
    return this.#computed.has(name);
  }

  get countKnown(): number {
    return this.#computed.size;
  }

  /** A tensor that the file holds in a form that graphs compute with, or that was computed. */
  constant(name: string): Tensor | undefined {
    const known = this.#computed.get(name) ?? this.#read.get(name);
    if (known !== undefined) return known;
    const stored = this.graph.initializers.get(name);
    if (stored === undefined || dtypeOf(stored.dataType) === undefined) return undefined;
    const tensor = readTensor(stored, `${this.graph.file}: tensor "${name}"`);
    this.#read.set(name, tensor);
    return tensor;
  }

  /** The computed tensors among `used`, as a model stores them. */
  stored(used: ReadonlySet<string>): readonly TensorProto[] {
    return [...this.#computed].flatMap(([name, tensor]) =>
      used.has(name) ? [writeTensor(name, tensor)] : [],
    );
  }

  /** The nodes, their outputs renamed that are known already or fed: a model defines a name once. */
  apart(nodes: readonly NodeProto[], fed: readonly Value[]): readonly NodeProto[] {
    const given = new Set([...this.#computed.keys(), ...fed.map(({ name }) => name)]);
    return nodes.map((node) =>
      node.output.some((name) => given.has(name))
        ? withNode(node, { output: node.output.map((name) => (given.has(name) ? `${name}${again}` : name)) })
        : node,
    );
  }
}
