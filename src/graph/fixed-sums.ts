import { at } from "../core/required.ts";
import { sizeOf, type Shape } from "../core/tensor.ts";
import { dependents, mapAll, producers, type Graph, type Node, type NodeOf, type Value } from "./graph.ts";
import type { Op } from "./operators.ts";

/**
 * What is known of a tensor's sum along an axis, where it is the same for every image: that it is zero, that it is of
 * nothing negative (a softmax), or no more.
 */
type FixedSum = "zero" | "of shares" | "fixed";

/** By axis; an axis that is absent has a sum that the image decides, as far as is known. */
type Sums = ReadonlyMap<number, FixedSum>;

/** What a rule may look up in the graph. */
interface Known {
  readonly sums: (value: Value) => Sums;
  readonly isFixed: (value: Value) => boolean;
  /** The elements of a fixed tensor of real numbers. */
  readonly elements: (value: Value) => Float32Array | undefined;
  /** The node that makes a value, past those that change its shape alone. */
  readonly source: (value: Value) => Node | undefined;
}

type Rule<K extends Op> = (node: NodeOf<K>, known: Known) => Sums;

const nothing: Sums = new Map();

/** Elements that differ by less than this share of the largest are equal, and sums below it are zero, but for rounding. */
const rounding = 1e-6;

function areEqual(elements: Float32Array): boolean {
  const [first] = elements;
  return (
    first === undefined ||
    elements.every((element) => Math.abs(element - first) <= rounding * Math.abs(first))
  );
}

const along = (axis: number, sum: FixedSum): Sums => new Map([[axis, sum]]);

const only = (sums: Sums, keep: (sum: FixedSum, axis: number) => boolean): Sums =>
  new Map([...sums].filter(([axis, sum]) => keep(sum, axis)));

/** Each sum after a sign or an offset may have changed: what was not zero is merely fixed. */
const weakened = (sums: Sums): Sums =>
  new Map([...sums].map(([axis, sum]) => [axis, sum === "zero" ? "zero" : "fixed"]));

/** Extent along an axis of what a value is broadcast to. */
const extentAlong = ({ shape }: Value, axis: number, rank: number): number =>
  axis < rank - shape.length ? 1 : at(shape, axis - rank + shape.length);

/** Sums of a value by the axes of a shape that it is broadcast to; along an axis that it is repeated on it has none. */
function broadcast(value: Value, sums: Sums, { shape }: Value): Sums {
  const shift = shape.length - value.shape.length;
  return new Map([...sums].map(([axis, sum]) => [axis + shift, sum] as const));
}

const same = ({ inputs: [x] }: NodeOf<"Identity" | "Cast">, { sums }: Known): Sums => sums(x);

/** Sums along axes that an operator leaves alone, of which it makes weighted sums over others: pools, resizing. */
const untouched = (
  { inputs: [x], outputs: [y] }: NodeOf<"AveragePool" | "Resize" | "Slice" | "Pad">,
  { sums }: Known,
): Sums => only(sums(x), (_, axis) => x.shape[axis] === y.shape[axis]);

/** x + y and x - y: fixed where both are. */
const added = ({ inputs: [x, y], outputs: [z] }: NodeOf<"Add" | "Sub">, { sums, isFixed }: Known): Sums => {
  const rank = z.shape.length;
  const [left, right] = [broadcast(x, sums(x), z), broadcast(y, sums(y), z)];
  const found = Array.from({ length: rank }, (_, axis): readonly [number, FixedSum | undefined] => {
    const of = (value: Value, known: Sums) => (isFixed(value) ? "fixed" : known.get(axis));
    const [a, b] = [of(x, left), of(y, right)];
    if (a === undefined || b === undefined) return [axis, undefined];
    return [axis, a === "zero" && b === "zero" ? "zero" : "fixed"];
  });
  return new Map(found.flatMap(([axis, sum]) => (sum === undefined ? [] : [[axis, sum] as const])));
};

/** Sums of x times (or over) a factor that is the same all along the axis; only a fixed factor keeps a sum that is not zero. */
function timesFactor(x: Value, factor: Value, z: Value, { sums, isFixed, elements }: Known): Sums {
  const values = isFixed(factor) ? elements(factor) : undefined;
  const constant =
    isFixed(factor) && (sizeOf(factor.shape) === 1 || (values !== undefined && areEqual(values)));
  const found = only(
    broadcast(x, sums(x), z),
    (sum, axis) =>
      constant || (extentAlong(factor, axis, z.shape.length) === 1 && (sum === "zero" || isFixed(factor))),
  );
  const positive = values?.every((value) => value > 0) === true;
  return positive ? found : weakened(found);
}

/** Axis that a reduction of one axis takes, or undefined. */
const reducedAxis = (node: Node | undefined, op: "ReduceMean" | "ReduceSum"): number | undefined =>
  node?.op === op && node.attributes.axes.length === 1 ? node.attributes.axes[0] : undefined;

/** x less its own mean along one axis. */
function centered(x: Value, mean: Value, { source }: Known): Sums {
  const node = source(mean);
  const axis = reducedAxis(node, "ReduceMean");
  return axis !== undefined && node?.inputs[0]?.name === x.name ? along(axis, "zero") : nothing;
}

/** x over its own sum along one axis: of exponentials, a softmax. */
function shared(x: Value, divisor: Node | undefined, { source }: Known): Sums {
  const axis = reducedAxis(divisor, "ReduceSum");
  if (axis === undefined || divisor?.inputs[0]?.name !== x.name) return nothing;
  return along(axis, source(x)?.op === "Exp" ? "of shares" : "fixed");
}

/** Whether weights sum to zero over the axis of their outputs, for every input: they center what they make. */
function centering(weights: Value, output: number, { isFixed, elements }: Known): boolean {
  const values = isFixed(weights) ? elements(weights) : undefined;
  const extent = at(weights.shape, output);
  if (values === undefined || extent < 2) return false;
  const inner = sizeOf(weights.shape.slice(output + 1));
  // Nearly all weights fail at their first input.
  for (let start = 0; start < values.length; start += inner * extent)
    for (let input = start; input < start + inner; input++) {
      let [total, size] = [0, 0];
      for (let place = input; place < start + inner * extent; place += inner) {
        const value = at(values, place);
        total += value;
        size += Math.abs(value);
      }
      if (!(Math.abs(total) <= rounding * size)) return false; // so written for NaN among the weights
    }
  return true;
}

/** How sums that no image changes come about and are handed on; an operator that is not listed loses them. */
const rules: { readonly [K in Op]?: Rule<K> } = {
  Softmax: ({ attributes: { axis } }) => along(axis, "of shares"),
  Exp: ({ inputs: [x] }, { source }) => {
    const node = source(x);
    return node?.op === "LogSoftmax" ? along(node.attributes.axis, "of shares") : nothing;
  },
  LayerNormalization({ inputs: [x, scale, bias], attributes: { axis } }, { isFixed, elements }) {
    const values = isFixed(scale) ? elements(scale) : undefined;
    if (axis !== x.shape.length - 1 || values === undefined || !areEqual(values)) return nothing;
    return bias && !isFixed(bias) ? nothing : along(axis, bias ? "fixed" : "zero");
  },

  Sub(node, known) {
    const own = centered(...node.inputs, known);
    return own.size > 0 ? own : added(node, known);
  },
  Add: added,
  Neg: ({ inputs: [x] }, { sums }) => weakened(sums(x)),
  Mul({ inputs: [x, y], outputs: [z] }, known) {
    const [left, right] = [known.source(x), known.source(y)];
    for (const [value, other] of [
      [x, right],
      [y, left],
    ] as const) {
      const divisor = other?.op === "Reciprocal" ? known.source(other.inputs[0]) : undefined;
      const own = shared(value, divisor, known);
      if (own.size > 0) return own;
    }
    return new Map([...timesFactor(x, y, z, known), ...timesFactor(y, x, z, known)]);
  },
  Div({ inputs: [x, y], outputs: [z] }, known) {
    const own = shared(x, known.source(y), known);
    return own.size > 0 ? own : timesFactor(x, y, z, known);
  },

  Conv: ({ inputs: [, weights, bias], attributes: { group } }, known) =>
    group === 1 && (!bias || known.isFixed(bias)) && centering(weights, 0, known)
      ? along(1, bias ? "fixed" : "zero")
      : nothing,
  MatMul: ({ inputs: [, weights], outputs: [y] }, known) =>
    weights.shape.length > 1 && centering(weights, weights.shape.length - 1, known)
      ? along(y.shape.length - 1, "zero")
      : nothing,
  Gemm: ({ inputs: [, weights, bias], attributes: { transB } }, known) =>
    (!bias || known.isFixed(bias)) && centering(weights, transB ? 0 : 1, known)
      ? along(1, bias ? "fixed" : "zero")
      : nothing,

  // Neither bounds a share but where a softmax is as good as 0.
  Relu: ({ inputs: [x] }, { sums }) => only(sums(x), (sum) => sum === "of shares"),
  Clip: ({ inputs: [x], attributes: { min, max } }, { sums }) =>
    only(sums(x), (sum) => sum === "of shares" && min <= 1e-3 && max >= 1),

  Identity: same,
  Cast: same,
  AveragePool: untouched,
  Resize: untouched,
  Slice: untouched,
  Pad: (node, known) => {
    const { mode, value } = node.attributes;
    const kept = untouched(node, known);
    return mode === "constant" && value !== 0 ? new Map([...kept].map(([axis]) => [axis, "fixed"])) : kept;
  },
  Split: ({ inputs: [x], attributes: { axis } }, { sums }) => only(sums(x), (_, own) => own !== axis),
  Concat: ({ inputs, attributes: { axis } }, { sums }) => {
    const [first, ...others] = mapAll(inputs, sums);
    return only(first, (sum, own) => own !== axis && others.every((other) => other.get(own) === sum));
  },
  Transpose: ({ inputs: [x], attributes: { perm } }, { sums }) =>
    new Map([...sums(x)].map(([axis, sum]) => [perm.indexOf(axis), sum])),
  Reshape: ({ inputs: [x], attributes: { shape } }, { sums }) =>
    new Map(
      [...sums(x)].flatMap(([axis, sum]) => {
        const place = placeIn(shape, x.shape, axis);
        return place === undefined ? [] : [[place, sum] as const];
      }),
    ),
};

/** The axis of a shape that is an axis of another of the same size, if it is neither split nor merged. */
function placeIn(to: Shape, from: Shape, axis: number): number | undefined {
  const before = sizeOf(from.slice(0, axis));
  const place = to.findIndex(
    (extent, k) => extent === from[axis] && sizeOf(to.slice(0, k)) === before && extent > 1,
  );
  return place < 0 ? undefined : place;
}

const reshaping: ReadonlySet<Op> = new Set(["Identity", "Cast", "Reshape", "Expand"]);

/**
 * Axes along which tensors have a sum that is the same for every image, by tensor: the mean over such an axis has no gradient,
 * and what is computed of it is rounding noise. A softmax and a normalization without a scale are told by their operators or
 * written out; the sum survives what treats all positions of the axis alike.
 */
export function fixedSums(graph: Graph): ReadonlyMap<string, Sums> {
  const moved = dependents(
    graph,
    graph.inputs.map(({ name }) => name),
  );
  const makers = producers(graph);
  const found = new Map<string, Sums>();
  const source = (value: Value): Node | undefined => {
    const node = makers.get(value.name);
    const [x] = node?.inputs ?? [];
    return node !== undefined && x != null && reshaping.has(node.op) ? source(x) : node;
  };
  const known: Known = {
    sums: ({ name }) => found.get(name) ?? nothing,
    isFixed: ({ name }) => !moved.has(name),
    elements({ name }) {
      const tensor = graph.constants.get(name);
      return tensor?.dtype === "float32" ? tensor.data : undefined;
    },
    source,
  };
  for (const node of graph.nodes) {
    const sums = sumsOf(node, known);
    if (sums.size > 0) for (const { name } of node.outputs) found.set(name, sums);
  }
  return found;
}

function sumsOf<K extends Op>(node: NodeOf<K>, known: Known): Sums {
  const rule: Rule<K> | undefined = rules[node.op];
  return rule?.(node, known) ?? nothing;
}
