import { engine, type Tensor } from "@tensorflow/tfjs-core";
import { ErfitError, firstLineOf } from "../../../core/error.ts";
import type { Shape } from "../../../core/tensor.ts";
import type { BackendName } from "../backend-names.ts";
import type { Window } from "../window.ts";

/** A tensor of a TF.js model and what it is computed from. */
export interface Step {
  readonly name: string;
  /** The operator that makes it: by its ONNX name where a pool's differs. */
  readonly operator: string;
  /** The scope that it lies in, dotted, where the file records one. */
  readonly module: string | undefined;
  /** Names of the tensors that it reads; weights are not among them. */
  readonly inputs: readonly string[];
  /** What its cells read along the image's axes; null where that is unknown. */
  readonly window: Window | null;
}

/** The image input as the file declares it; extents that it leaves open are null. */
export interface DeclaredInput {
  readonly name: string;
  readonly shape: readonly (number | null)[] | null;
  /** Whether it takes whole numbers: pixels as a file holds them, for a Cast in the model. */
  readonly integer: boolean;
}

/** A constant of the file, as a step reads it. */
export interface Weight {
  readonly name: string;
  readonly value: Tensor;
}

/** What can be computed from the image. */
export interface Survey {
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Names of the tensors of float32. */
  readonly floats: ReadonlySet<string>;
  /** Why TF.js cannot compute a step. Steps that read it cannot be computed either, and are not listed. */
  readonly faults: ReadonlyMap<string, string>;
}

/** A TF.js model, of layers or of graph nodes, as tensors that can be computed from one another. */
export interface Program {
  readonly input: DeclaredInput;
  /** Computed from the image, on the way to an output, in topological order. */
  readonly steps: readonly Step[];
  /** In the order of the file. */
  readonly outputs: readonly string[];
  /** Tensors in the file that do not lie between the image and an output. */
  readonly offPath: ReadonlySet<string>;
  /** Finds out what can be computed for an image: from the file, where it records that, else by computing it. */
  survey(given: ReadonlyMap<string, Tensor>, backend: BackendName): Survey;
  /** The constants that the wanted tensors are computed with, from the given ones. */
  weights(given: ReadonlySet<string>, wanted: readonly string[]): readonly Weight[];
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

/** Names of the steps that depend on a tensor, itself among them. Loops of a graph have no topological order: they take rounds. */
export function reachedFrom(steps: Iterable<Step>, source: string): Set<string> {
  const reached = new Set([source]);
  const all = [...steps];
  for (let before = 0; reached.size > before;) {
    before = reached.size;
    for (const { name, inputs } of all) if (inputs.some((input) => reached.has(input))) reached.add(name);
  }
  return reached;
}

/** Why TF.js failed, in its own words: one line, without its advice to file an issue. */
export const reasonOf = (thrown: unknown): string =>
  firstLineOf(thrown).replace(/\.? (File an issue|This may be due to) .*$/, "");

/** Runs `compute` and frees every tensor that it made on the backend; what it returns is on this side. */
export function scoped<T>(compute: () => T): T {
  engine().startScope();
  try {
    return compute();
  } finally {
    engine().endScope();
  }
}

type Known = ReadonlyMap<string, Tensor>;

/** A step to be tried. */
interface Trial {
  readonly name: string;
  readonly operator: string;
  readonly reads: readonly string[];
  /** Computes it. @throws an error whose message is the reason why it cannot be computed */
  readonly compute: (known: Known) => Tensor;
  /** Whether the tensor may stand for the step: one that makes several is computed again where it is read. */
  readonly held: boolean;
}

/**
 * Computes the steps one by one. One that cannot be computed takes along what is computed from it, and nothing else: a model
 * may end in operators that TF.js cannot run or differentiate, as long as nobody needs what lies after them.
 * @param trials in topological order
 */
export function surveyed(trials: Iterable<Trial>, given: Known, backend: BackendName): Survey {
  return scoped(() => {
    const known = new Map(given);
    const lost = new Set<string>();
    const shapes = new Map<string, Shape>();
    const floats = new Set<string>();
    const faults = new Map<string, string>();
    for (const { name, operator, reads, compute, held } of trials) {
      if (given.has(name)) continue;
      if (reads.some((read) => lost.has(read))) {
        lost.add(name);
        continue;
      }
      try {
        const value = compute(known);
        if (held) known.set(name, value);
        shapes.set(name, [...value.shape]);
        if (value.dtype === "float32") floats.add(name);
      } catch (thrown) {
        lost.add(name);
        faults.set(
          name,
          thrown instanceof ErfitError
            ? thrown.message
            : `layer "${name}" (${operator}) cannot be run on backend ${backend}: ${reasonOf(thrown)}`,
        );
      }
    }
    return { shapes, floats, faults };
  });
}

/** The input that takes the image: the one that is named, else the only one. @throws ErfitError where there is none such */
export function imageInput<Input>(
  inputs: ReadonlyMap<string, Input>,
  path: string,
  name: string | undefined,
): Input {
  const [only] = inputs.size === 1 ? inputs.values() : [];
  const image = name === undefined ? only : inputs.get(name);
  if (image !== undefined) return image;
  throw new ErfitError(
    name === undefined ? `${path}: the model has ${inputs.size} inputs` : `${path}: no input named "${name}"`,
    {
      remedy: `its inputs: ${[...inputs.keys()].join(", ") || "none"}; one with a single image input is expected`,
    },
  );
}
