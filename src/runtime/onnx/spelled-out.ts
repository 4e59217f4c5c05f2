import type { Graph, Node, Value } from "../../graph/graph.ts";
import type { Op } from "../../graph/operators.ts";
import { numbersOf } from "../../core/tensor.ts";

/** Softmax and sigmoid, as one operator or written out in several. */

/** The node that makes a value; undefined for an input and for a constant. */
export type NodeOf = (value: Value) => Node | undefined;

const readerOf = (makerOf: NodeOf) => {
  /** The first input of the operator that makes a value, where it is that operator. */
  const inputOf = (value: Value | null | undefined, op: Op): Value | null => {
    const node = value == null ? undefined : makerOf(value);
    return node?.op === op ? (node.inputs[0] ?? null) : null;
  };
  return inputOf;
};

/** What a softmax along an axis of more than one class, or its logarithm, reads; null for any other node. */
export function softmaxArgument(makerOf: NodeOf, node: Node): Value | null {
  const [a, b] = node.inputs;
  const inputOf = readerOf(makerOf);
  /** `x - max(x)`, which exponentials are taken of lest they overflow, is x to a softmax. */
  const unshifted = (x: Value): Value => {
    const shift = makerOf(x);
    const [z, greatest] = shift?.op === "Sub" ? shift.inputs : [];
    return z != null && inputOf(greatest, "ReduceMax")?.name === z.name ? z : x;
  };
  switch (node.op) {
    case "Softmax":
    case "LogSoftmax":
      return a != null && (a.shape[node.attributes.axis] ?? 1) > 1 ? a : null;
    case "Exp": {
      const log = a == null ? undefined : makerOf(a);
      return log?.op === "LogSoftmax" ? softmaxArgument(makerOf, log) : null;
    }
    case "Div": {
      // exp(z) / sum(exp(z))
      const z = inputOf(a, "Exp");
      return z !== null && inputOf(b, "ReduceSum")?.name === a?.name ? unshifted(z) : null;
    }
    case "Sub": {
      // z - log(sum(exp(z)))
      const total = inputOf(inputOf(inputOf(b, "Log"), "ReduceSum"), "Exp") ?? inputOf(b, "ReduceLogSumExp");
      return a != null && total?.name === a.name ? unshifted(a) : null;
    }
    default:
      return null;
  }
}

/** What a sigmoid reads; null for any other node. */
export function sigmoidArgument(makerOf: NodeOf, { constants }: Graph, node: Node): Value | null {
  const [a, b] = node.inputs;
  const isOne = (value: Value): boolean => {
    const constant = constants.get(value.name);
    return constant !== undefined && numbersOf(constant).every((number) => number === 1);
  };
  /** x, where the value is 1 + exp(-x). */
  const inverseOdds = (value: Value | null | undefined): Value | null => {
    const sum = value == null ? undefined : makerOf(value);
    if (sum?.op !== "Add") return null;
    const inputOf = readerOf(makerOf);
    const [power, ...more] = sum.inputs.filter((term) => !isOne(term));
    return more.length > 0 ? null : inputOf(inputOf(power, "Exp"), "Neg");
  };
  switch (node.op) {
    case "Sigmoid":
      return a ?? null;
    case "Reciprocal":
      return inverseOdds(a);
    case "Div":
      return a != null && isOne(a) ? inverseOdds(b) : null;
    default:
      return null;
  }
}
