import type { Ending } from "../network.ts";
import type { Step } from "./model/program.ts";

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
