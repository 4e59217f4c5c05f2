import { multiplyAdds } from "../../autodiff/cone/work.ts";
import { ErfitError, listed } from "../../core/error.ts";
import type { Graph, Value } from "../../graph/graph.ts";
import { nonFiniteConstants } from "../../onnx/non-finite.ts";
import { requireDetermined } from "../fed-tensor.ts";

/** An imported network, with what its runs need to know. */
export interface OnnxModel {
  /** Name for messages. */
  readonly file: string;
  readonly graph: Graph;
  readonly image: Value;
  /** Threads to compute with; 0: as many as there are cores. */
  readonly threads: number;
  /** @throws ErfitError where no tensor has that name */
  readonly valueNamed: (name: string) => Value;
}

/** Looks tensors up by name: the image, and all that is computed from it. */
export function valuesByName({ nodes }: Graph, image: Value, file: string): (name: string) => Value {
  const values = new Map(
    [image, ...nodes.flatMap(({ outputs }) => outputs)].map((value) => [value.name, value]),
  );
  return (name) => {
    const value = values.get(name);
    if (value === undefined) throw new ErfitError(`${file}: no tensor named "${name}"`);
    return value;
  };
}

/** @throws ErfitError where weights that a program reads hold NaN or infinity */
export function refuseNonFinite({ constants }: Graph, file: string): void {
  const names = nonFiniteConstants(constants);
  if (names.length === 0) return;
  throw new ErfitError(`${file}: weights on the way to the target hold NaN or infinity: ${listed(names)}`, {
    remedy: "export the model again from a checkpoint that is sound",
  });
}

const namesOf = (values: readonly (Value | null)[]): string[] =>
  values.flatMap((value) => (value === null ? [] : [value.name]));

/**
 * The network's graph with another tensor fed in place of the image. The nodes before that tensor are still there;
 * none of what is wanted is computed from them.
 * @throws ErfitError where the tensor cannot be fed, or does not determine what is wanted
 */
export function startingAt({ graph, image, file }: OnnxModel, from: Value, wanted: readonly Value[]): Graph {
  if (from.name === image.name) return graph;
  if (from.dtype !== "float32")
    throw new ErfitError(`${file}: tensor "${from.name}" holds ${from.dtype}: only float32 can be fed`);
  const steps = graph.nodes.map(({ inputs, outputs }) => ({
    reads: namesOf(inputs),
    makes: namesOf(outputs),
  }));
  requireDetermined(steps, { name: from.name, image: image.name, file }, namesOf(wanted));
  const nodes = graph.nodes.filter(({ outputs }) => !namesOf(outputs).includes(from.name));
  return { ...graph, inputs: [from], nodes };
}

/** Multiply-adds of about a millisecond: a tensor is hardly handed to a thread and back in less. */
const light = 2e7;

/**
 * How many runs threads are worth starting for. After a late layer a run can be too short for that: 512 maps through the
 * classifier of VGG-16 take 0.2 s in one session, and a pool alone takes longer to start.
 */
export const runsWorthThreads = (graph: Graph, from: Value, image: string, runs: number): number =>
  from.name !== image && multiplyAdds(graph) < light ? 1 : runs;
