import type { Ending } from "../network.ts";
import type { Program, Survey, Step } from "./model/program.ts";

/** The outputs that a model is opened with. */
interface Ends {
  readonly names: readonly string[];
  /** Why they are not the file's, where they are not. */
  readonly remark: string | undefined;
}

const single = (shape: readonly number[] | undefined): boolean => shape?.length === 2 && shape[0] === 1;

/**
 * The last tensors of float32 on the way to an output that cannot be computed, or holds other numbers: what a model's own
 * post-processing reads.
 */
function before(output: string, { steps }: Program, { floats }: Survey): readonly string[] {
  const found = new Set<string>();
  const seen = new Set<string>();
  const inputs = new Map(steps.map((step) => [step.name, step.inputs]));
  const waiting = [output];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    if (floats.has(name)) found.add(name);
    else waiting.push(...(inputs.get(name) ?? []));
  }
  return steps.map(({ name }) => name).filter((name) => found.has(name));
}

/**
 * The outputs that can be computed; where none of them is of float32, the last tensor that post-processing reads, one score a
 * class where there is such. None where no output comes from the image by such a tensor.
 */
export function endsOf(program: Program, survey: Survey, file: string): Ends {
  const { outputs, steps } = program;
  const computable = outputs.filter((name) => survey.shapes.has(name));
  if (computable.some((name) => survey.floats.has(name))) return { names: computable, remark: undefined };
  for (const output of outputs) {
    const read = before(output, program, survey);
    const chosen = read.findLast((name) => single(survey.shapes.get(name))) ?? read.at(-1);
    if (chosen === undefined) continue;
    const why = survey.shapes.has(output) ? "holds no float32 numbers" : "cannot be computed";
    return {
      names: [chosen],
      remark: `${file}: its output "${output}" ${why}; the scores are taken from "${chosen}" before it`,
    };
  }
  return { names: computable.filter((name) => steps.some((step) => step.name === name)), remark: undefined };
}

/** What is lost of a model where a step cannot be computed, as a remark; undefined where nothing is. */
export function lossOf({ steps }: Program, { shapes, faults }: Survey, file: string): string | undefined {
  const [fault] = faults.values();
  if (fault === undefined) return undefined;
  const lost = steps.filter(({ name }) => !shapes.has(name)).length;
  return `${file}: ${fault}; ${lost} ${lost === 1 ? "tensor is" : "tensors are"} left out, it and what is computed from it`;
}

/** Why a step of the model cannot be computed, for each that cannot. */
export function faultsOf({ steps }: Program, { shapes, faults }: Survey): ReadonlyMap<string, string> {
  const reasons = new Map(faults);
  for (const { name, inputs } of steps) {
    const reason = inputs.map((input) => reasons.get(input)).find((one) => one !== undefined);
    if (!shapes.has(name) && !reasons.has(name) && reason !== undefined) reasons.set(name, reason);
  }
  return reasons;
}

/** Operators that hand the elements of their input on, in their order. */
const handsOn = new Set(["Identity", "Reshape", "Squeeze", "ExpandDims", "Flatten", "Cast"]);

/** Operators that make probabilities, or their logarithms, of scores. */
const activations: Readonly<Record<string, "softmax" | "sigmoid">> = {
  Softmax: "softmax",
  LogSoftmax: "softmax",
  Sigmoid: "sigmoid",
};

/** Operators that make places, counts and decisions. */
const deciding = new Set(
  (
    "ArgMax ArgMin TopK TopKV2 Greater GreaterEqual Less LessEqual Equal NotEqual LogicalAnd LogicalOr LogicalNot " +
    "Floor Ceil Round Sign OneHot Where NonMaxSuppressionV2 NonMaxSuppressionV3 NonMaxSuppressionV4 NonMaxSuppressionV5"
  ).split(" "),
);

/**
 * What the elements of a tensor are.
 * @param isFloat whether a tensor holds floating-point numbers
 */
export function endingOf(
  steps: ReadonlyMap<string, Step>,
  tensor: string,
  isFloat: (name: string) => boolean,
): Ending {
  let step = steps.get(tensor);
  while (step !== undefined && handsOn.has(step.operator) && steps.has(step.inputs[0] ?? ""))
    step = steps.get(step.inputs[0] ?? "");
  if (step === undefined) return { kind: "scores" };
  const { operator, inputs } = step;
  const [of] = inputs;
  if (deciding.has(operator)) return { kind: "indices", operator, of: inputs.filter(isFloat) };
  if (!isFloat(tensor))
    return { kind: "indices", operator: steps.get(tensor)?.operator ?? operator, of: [step.name] };
  const activation = activations[operator];
  if (activation !== undefined && of !== undefined) return { kind: activation, of };
  return { kind: operator === "HardSigmoid" ? "probabilities" : "scores" };
}
