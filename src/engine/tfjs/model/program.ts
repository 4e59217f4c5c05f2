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
  /** Computed from the image, on the way to an output, in topological order. */
  readonly steps: readonly Step[];
  /** The outputs that the image reaches, in the file's order. */
  readonly outputs: readonly string[];
  /** Tensors in the file that do not lie between the image and an output. */
  readonly offPath: ReadonlySet<string>;
  /** Shapes for the image's shape, where the file records all of them. */
  readonly shapes: ReadonlyMap<string, Shape> | undefined;
  /** Refuses steps that would make more than fits, before they are run as a whole; null where shapes are known from the file. */
  readonly requireSizes: ((given: ReadonlyMap<string, Tensor>, steps: readonly Step[]) => void) | null;
  /** Computes the wanted tensors from the given ones, in operations that TF.js differentiates. */
  evaluate(given: ReadonlyMap<string, Tensor>, wanted: readonly string[]): readonly Tensor[];
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

/** The part of a program that leads to some of its outputs. */
export function towards(program: Program, outputs: readonly string[]): Program {
  const { steps, input, offPath } = program;
  const onPath = needed(new Map(steps.map((step) => [step.name, step])), new Set([input.name]), outputs);
  return {
    ...program,
    outputs,
    steps: steps.filter(({ name }) => onPath.has(name)),
    offPath: new Set([...offPath, ...steps.flatMap(({ name }) => (onPath.has(name) ? [] : [name]))]),
  };
}
