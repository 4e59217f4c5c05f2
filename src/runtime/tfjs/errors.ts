import { at } from "../../core/required.ts";
import * as tf from "@tensorflow/tfjs-core";
import { ErfitError, optionText } from "../../core/error.ts";
import type { BackendName } from "./backend-names.ts";
import { needed, reasonOf, type Program, type Step } from "./model/program.ts";
import { scoped } from "./model/program.ts";

const named = ({ name, operator }: Step): string => `layer "${name}" (${operator})`;

type Given = Map<string, tf.Tensor>;

/** The tensor that is fed: the image, or another in its place. */
interface Fed {
  readonly name: string;
  readonly value: tf.Tensor;
}

/** A step that TF.js cannot compute or differentiate, and why. */
interface Fault {
  readonly step: Step;
  readonly reason: string;
}

const stepsByName = ({ steps }: Program): ReadonlyMap<string, Step> =>
  new Map(steps.map((step) => [step.name, step]));

/** The first step towards the wanted tensors that TF.js cannot compute. Later steps are not tried. */
function forwardFault(program: Program, fed: Fed, wanted: readonly string[]): Fault | undefined {
  const path = needed(stepsByName(program), new Set([fed.name]), wanted);
  return scoped(() => {
    const known: Given = new Map([[fed.name, fed.value]]);
    for (const step of program.steps.filter(({ name }) => path.has(name))) {
      try {
        const [value] = program.evaluate(known, [step.name]);
        if (value !== undefined) known.set(step.name, value);
      } catch (thrown) {
        return { step, reason: reasonOf(thrown) };
      }
    }
    return undefined;
  });
}

/** Whether the step alone can be differentiated by each of its inputs; else why not. */
function backwardFault(program: Program, known: Given, step: Step): string | undefined {
  for (const input of step.inputs) {
    const x = known.get(input);
    if (x?.dtype !== "float32" && x?.dtype !== "int32") continue;
    try {
      scoped(() =>
        tf.grad((value) => {
          const [y] = program.evaluate(new Map([...known, [input, value]]), [step.name]);
          return y === undefined ? value : tf.sum(y);
        })(x),
      );
    } catch (thrown) {
      return reasonOf(thrown);
    }
  }
  return undefined;
}

/** Looks for a fault; what fails while it looks is not the fault that it looks for. */
function faultIn(search: () => Fault | undefined): Fault | undefined {
  try {
    return scoped(search);
  } catch {
    return undefined;
  }
}

/**
 * The error for a gradient that TF.js could not take: which layer it failed in, and on which backend. TF.js names the
 * kernel, but not where in the network it is, so each layer between the two tensors is tried by itself.
 */
export function gradientError(
  program: Program,
  fed: Fed,
  between: { readonly target: string; readonly withRespectTo: string },
  backend: BackendName,
  thrown: unknown,
): ErfitError {
  const byName = stepsByName(program);
  const path = needed(byName, new Set([between.withRespectTo]), [between.target]);
  const fault = faultIn(() => {
    const names = program.steps.map(({ name }) => name).filter((name) => path.has(name));
    const known: Given = new Map([[fed.name, fed.value]]);
    const read = [...new Set(names.flatMap((name) => byName.get(name)?.inputs ?? []))];
    program.evaluate(known, read).forEach((value, k) => known.set(at(read, k), value));
    for (const name of names.toReversed()) {
      const step = byName.get(name);
      const found = step === undefined ? undefined : backwardFault(program, known, step);
      if (step !== undefined && found !== undefined) return { step, reason: found };
    }
    return undefined;
  });
  return fault === undefined
    ? new ErfitError(`TF.js failed on backend ${backend}: ${reasonOf(thrown)}`, {
        kind: "failure",
        cause: thrown,
      })
    : new ErfitError(`${named(fault.step)} has no gradient on backend ${backend}: ${fault.reason}`, {
        remedy: `choose a layer before it, or another backend with ${optionText("backend")}`,
        cause: thrown,
      });
}

/** The error for tensors that TF.js cannot compute. */
export function forwardError(
  program: Program,
  fed: Fed,
  wanted: readonly string[],
  backend: BackendName,
  file: string,
  thrown: unknown,
): ErfitError {
  const fault = forwardFault(program, fed, wanted);
  return new ErfitError(
    fault === undefined
      ? `${file}: TF.js failed on backend ${backend}: ${reasonOf(thrown)}`
      : `${file}: ${named(fault.step)} cannot be run on backend ${backend}: ${fault.reason}`,
    { cause: thrown },
  );
}
