import type { Tensor } from "@tensorflow/tfjs-core";
import { ErfitError } from "../../../core/error.ts";
import type { Shape } from "../../../core/tensor.ts";
import type { BackendName } from "../backends/names.ts";
import { scoped } from "../scoped.ts";
import { words } from "../words.ts";
import type { Survey } from "./program.ts";

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
            : `layer "${name}" (${operator}) cannot be run on backend ${backend}: ${words(thrown)}`,
        );
      }
    }
    return { shapes, floats, faults };
  });
}
