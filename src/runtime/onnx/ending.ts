import { numbersOf } from "../../core/tensor.ts";
import { type Graph, type Node, type Value, producers } from "../../graph/graph.ts";
import type { Op } from "../../graph/operators.ts";
import type { Ending } from "../network.ts";
import { boundsIn, type Bounds } from "./bounds.ts";

/** Softmax and sigmoid, as one operator or written out in several. */

/** The node that makes a value; undefined for an input and for a constant. */
type NodeOf = (value: Value) => Node | undefined;

const readerOf = (makerOf: NodeOf) => {
  /** The first input of the operator that makes a value, where it is that operator. */
  const inputOf = (value: Value | null | undefined, op: Op): Value | null => {
    const node = value == null ? undefined : makerOf(value);
    return node?.op === op ? (node.inputs[0] ?? null) : null;
  };
  return inputOf;
};

/** What a softmax along an axis of more than one class, or its logarithm, reads; null for any other node. */
function softmaxArgument(makerOf: NodeOf, node: Node): Value | null {
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
function sigmoidArgument(makerOf: NodeOf, { constants }: Graph, node: Node): Value | null {
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

/** Whether axes longer than one keep their order: elements then do too. */
const keepsOrder = (perm: readonly number[], { shape }: Value): boolean =>
  perm.filter((axis) => shape[axis] !== 1).every((axis, k, kept) => k === 0 || axis > (kept[k - 1] ?? -1));

/** Whether a node hands the elements of its input on, in their order. */
function handsOn(node: Node): boolean {
  switch (node.op) {
    case "Identity":
    case "Reshape":
      return true;
    case "Cast":
      return node.attributes.to === "float32" || node.attributes.to === "float64";
    case "Transpose":
      return keepsOrder(node.attributes.perm, node.inputs[0]);
    default:
      return false;
  }
}

/** The value that comes to be this one through nodes that pass it on. */
function origin(makerOf: NodeOf, value: Value, passesOn: (node: Node) => boolean): Value {
  const node = makerOf(value);
  const [input] = node?.inputs ?? [];
  return node === undefined || input == null || !passesOn(node) ? value : origin(makerOf, input, passesOn);
}

/** Operators with results in steps: their gradient is zero wherever there is one. */
const stepped: ReadonlySet<Op> = new Set(["Sign", "Floor", "Ceil", "Round", "OneHot"]);

/** Operators without a rule that return places, or elements in another order than the classes'. */
const picking: ReadonlySet<string> = new Set(["TopK", "NonMaxSuppression", "NonZero", "Unique"]);

const isStepped = (node: Node): boolean =>
  node.op === "Opaque" ? picking.has(node.attributes.opType) : stepped.has(node.op);

/** Names that an import rule gave to what lies between two tensors of the file. */
const isInternal = ({ name }: Value): boolean => name.startsWith("%");

/** The operator as the file names it: ArgMin is imported as ArgMax of the negative. */
function operatorOf(node: Node): string {
  if (node.op === "Opaque") return node.attributes.opType;
  return node.op === "ArgMax" && isInternal(node.inputs[0]) ? "ArgMin" : node.op;
}

/** The nearest tensors of floating-point numbers that a node computes from the image, by their names in the file. */
function floatsBefore(makerOf: NodeOf, node: Node): readonly string[] {
  const names = node.inputs.flatMap((input): readonly string[] => {
    const maker = input === null ? undefined : makerOf(input);
    if (input === null || maker === undefined) return [];
    return input.dtype === "float32" && !isInternal(input) ? [input.name] : floatsBefore(makerOf, maker);
  });
  return [...new Set(names)];
}

/** The node that turns floating-point numbers into the integers, or the truth values, that a value holds. */
function decision(makerOf: NodeOf, value: Value): Node | undefined {
  const node = makerOf(value);
  const earlier = node?.inputs.find(
    (input) => input !== null && input.dtype !== "float32" && makerOf(input) !== undefined,
  );
  return earlier == null ? node : (decision(makerOf, earlier) ?? node);
}

/** A softmax over several axes is imported with reshapes around it: the file's node reads what is before them. */
const beforeReshapes = (makerOf: NodeOf, logits: Value, { source }: Node): string =>
  origin(makerOf, logits, (node) => node.op === "Reshape" && node.source === source).name;

/**
 * What the elements of an output are. log p is z less a constant, and its softmax is p again: the logarithm of a softmax
 * counts as the softmax.
 */
export function endingOf(graph: Graph, output: Value): Ending {
  const byOutput = producers(graph);
  const makerOf: NodeOf = ({ name }) => byOutput.get(name);
  const last = origin(makerOf, output, handsOn);
  const node = makerOf(last);
  if (node === undefined) return { kind: "scores" };
  if (last.dtype !== "float32" || isStepped(node)) {
    const deciding = last.dtype === "float32" ? node : (decision(makerOf, last) ?? node);
    return { kind: "indices", operator: operatorOf(deciding), of: floatsBefore(makerOf, deciding) };
  }
  const [input] = node.inputs;
  if (node.op === "Log" && input != null) {
    const before = endingOf(graph, input);
    return before.kind === "softmax" || before.kind === "sigmoid" ? before : { kind: "scores" };
  }
  const softmax = softmaxArgument(makerOf, node);
  if (softmax !== null) return { kind: "softmax", of: beforeReshapes(makerOf, softmax, node) };
  const sigmoid = sigmoidArgument(makerOf, graph, node);
  if (sigmoid !== null) return { kind: "sigmoid", of: sigmoid.name };
  return { kind: isProbability(boundsIn(graph, last)) ? "probabilities" : "scores" };
}

const isProbability = ([low, high]: Bounds): boolean => low >= 0 && high <= 1;
