import type { Tensor } from "@tensorflow/tfjs-core";
import type { Shape } from "../../../math/tensor.ts";
import type { Window } from "../window.ts";

/** A tensor of a TF.js model and what it is computed from. */
export interface Step {
  readonly name: string;
  /** The operator that makes it: in ONNX's words where they differ for a pool. */
  readonly operator: string;
  /** The scope that it lies in, dotted, where the file records one. */
  readonly module: string | undefined;
  /** Names of the tensors that it reads; weights are not among them. */
  readonly inputs: readonly string[];
  /** What its cells read along the image's axes; null where that cannot be told. */
  readonly window: Window | null;
}

/** The image input as the file declares it; extents that it leaves open are null. */
export interface DeclaredInput {
  readonly name: string;
  readonly shape: readonly (number | null)[] | null;
}

/** A TF.js model, of layers or of graph nodes, as tensors that can be computed from one another. */
export interface Program {
  readonly input: DeclaredInput;
  /** Computed from the image, on the way to the output, in topological order. */
  readonly steps: readonly Step[];
  /** The first output. */
  readonly output: string;
  /** What the softmax reads that the output comes from, else the output. */
  readonly logits: string;
  /** Tensors in the file that do not lie between the image and the output. */
  readonly offPath: ReadonlySet<string>;
  /** Shapes for the image's shape, where the file records all of them. */
  readonly shapes: ReadonlyMap<string, Shape> | undefined;
  /** Refuses a model that would make more than fits, before it is run as a whole; null where shapes are known from the file. */
  readonly requireSizes: ((given: ReadonlyMap<string, Tensor>) => void) | null;
  /** Computes the wanted tensors from the given ones, in operations that TF.js differentiates. */
  evaluate(given: ReadonlyMap<string, Tensor>, wanted: readonly string[]): readonly Tensor[];
}

/** Operators that hand the elements of their input on, in their order. */
const handsOn = new Set(["Identity", "Reshape", "Squeeze", "ExpandDims", "Flatten"]);

/** What the softmax reads, or its logarithm, that computes an output; the output itself where it comes from none. */
export function beforeSoftmax(steps: ReadonlyMap<string, Step>, output: string): string {
  const sourceOf = (step: Step | undefined): string => step?.inputs[0] ?? "";
  let step = steps.get(output);
  while (step !== undefined && handsOn.has(step.operator)) step = steps.get(sourceOf(step));
  const softmax = step?.operator === "Softmax" || step?.operator === "LogSoftmax";
  return softmax ? sourceOf(step) : output;
}

/** Names of the steps that the wanted ones are computed from, the given ones left out. */
export function needed(
  steps: ReadonlyMap<string, { readonly inputs: readonly string[] }>,
  given: ReadonlySet<string>,
  wanted: readonly string[],
): Set<string> {
  const found = new Set<string>();
  const waiting = [...wanted];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name) || given.has(name)) continue;
    found.add(name);
    waiting.push(...(steps.get(name)?.inputs ?? []));
  }
  return found;
}

/** Names of the steps that depend on a tensor, itself among them. */
export function reachedFrom(steps: Iterable<Step>, source: string): Set<string> {
  const reached = new Set([source]);
  for (const { name, inputs } of steps) if (inputs.some((input) => reached.has(input))) reached.add(name);
  return reached;
}
