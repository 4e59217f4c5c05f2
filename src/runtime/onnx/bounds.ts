import { producers, type Graph, type Node, type Value } from "../../graph/graph.ts";
import type { Op } from "../../graph/operators.ts";
import { numbersOf, sizeOf, type Tensor } from "../../core/tensor.ts";

/** Least and greatest value that the elements of a tensor can take, whatever the image is. */
export type Bounds = readonly [low: number, high: number];

const unbounded: Bounds = [-Infinity, Infinity];

/** The smallest bounds that hold all of them. */
const hull = (all: readonly Bounds[]): Bounds => [
  Math.min(...all.map(([low]) => low)),
  Math.max(...all.map(([, high]) => high)),
];

/** 0 times infinity is 0: a bound that is not reached. */
const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b);

const product = ([a, b]: Bounds, [c, d]: Bounds): Bounds => {
  const corners = [times(a, c), times(a, d), times(b, c), times(b, d)];
  return [Math.min(...corners), Math.max(...corners)];
};

const inverse = ([low, high]: Bounds): Bounds =>
  low > 0 || high < 0 ? [1 / high, 1 / low] : low === 0 ? [1 / high, Infinity] : unbounded;

const mapped =
  (rising: (x: number) => number) =>
  ([[low, high] = unbounded]: readonly Bounds[]): Bounds => [rising(low), rising(high)];

const within = (bounds: Bounds) => (): Bounds => bounds;
const first = ([x = unbounded]: readonly Bounds[]): Bounds => x;

/** The node that makes a value; undefined for an input and for a constant. */
type NodeOf = (value: Value) => Node | undefined;

/** Whether a value is the sum of another's elements: what is divided by it lies between 0 and 1, if nothing is negative. */
function isSumOf(makerOf: NodeOf, sum: Value | null | undefined, of: Value | null | undefined): boolean {
  const node = sum == null ? undefined : makerOf(sum);
  return node?.op === "ReduceSum" && node.inputs[0].name === of?.name;
}

type Rule = (inputs: readonly Bounds[], node: Node, makerOf: NodeOf) => Bounds;

/** Elements of the result from those of the inputs: what is not here is taken to be anything. */
const rules: Readonly<Partial<Record<Op, Rule>>> = {
  Sigmoid: within([0, 1]),
  HardSigmoid: within([0, 1]),
  Softmax: within([0, 1]),
  LogSoftmax: within([-Infinity, 0]),
  Tanh: within([-1, 1]),
  Softsign: within([-1, 1]),
  Erf: within([-1, 1]),
  Softplus: within([0, Infinity]),
  Abs: within([0, Infinity]),
  ReduceL2: within([0, Infinity]),
  Relu: mapped((x) => Math.max(x, 0)),
  Exp: mapped(Math.exp),
  Neg: ([[low, high] = unbounded]) => [-high, -low],
  Reciprocal: ([x = unbounded]) => inverse(x),
  Add: ([[a, b] = unbounded, [c, d] = unbounded]) => [a + c, b + d],
  Sub: ([[a, b] = unbounded, [c, d] = unbounded]) => [a - d, b - c],
  Mul: ([x = unbounded, y = unbounded]) => product(x, y),
  Div: ([x = unbounded, y = unbounded], { inputs: [dividend, divisor] }, makerOf) =>
    x[0] >= 0 && isSumOf(makerOf, divisor, dividend) ? [0, 1] : product(x, inverse(y)),
  Max: (all) => [Math.max(...all.map(([low]) => low)), Math.max(...all.map(([, high]) => high))],
  Min: (all) => [Math.min(...all.map(([low]) => low)), Math.min(...all.map(([, high]) => high))],
  Clip: ([[low, high] = unbounded], node) =>
    node.op === "Clip"
      ? [Math.max(low, node.attributes.min), Math.min(high, node.attributes.max)]
      : unbounded,
  Where: ([, ...branches]) => hull(branches),
  Concat: hull,
  Identity: first,
  Cast: first,
  Reshape: first,
  Transpose: first,
  Slice: first,
  Split: first,
  Gather: first,
  GatherElements: first,
  Expand: first,
  Tile: first,
  ReduceMean: first,
  ReduceMax: first,
  ReduceMin: first,
  MaxPool: first,
};

/** Steps back from an output: what makes probabilities of scores is short. */
const farthest = 24;
/** Larger constants are weights, and what they are multiplied with is anything. */
const mostNumbers = 2 ** 16;

function ofConstant(tensor: Tensor): Bounds {
  if (sizeOf(tensor.shape) > mostNumbers) return unbounded;
  return hull(numbersOf(tensor).map((number): Bounds => [number, number]));
}

/** The bounds of a value, from the operators that it ends in. */
export function boundsIn(graph: Graph, value: Value): Bounds {
  const byOutput = producers(graph);
  const makerOf: NodeOf = ({ name }) => byOutput.get(name);
  const known = new Map<string, Bounds>();
  const find = (of: Value, steps: number): Bounds => {
    const constant = graph.constants.get(of.name);
    if (constant !== undefined) return ofConstant(constant);
    const node = makerOf(of);
    const rule = node === undefined ? undefined : rules[node.op];
    if (node === undefined || rule === undefined || steps === 0) return unbounded;
    const inputs = node.inputs.map((input) => (input === null ? unbounded : bounds(input, steps - 1)));
    return rule(inputs, node, makerOf);
  };
  const bounds = (of: Value, steps: number): Bounds => {
    const found = known.get(of.name) ?? find(of, steps);
    known.set(of.name, found);
    return found;
  };
  return bounds(value, farthest);
}
