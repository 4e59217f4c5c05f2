import { at } from "../../core/required.ts";
import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { Reduction } from "../../graph/operators.ts";
import { fromFront, type FileNode, type Importer } from "./file-node.ts";

/** Axes (an attribute up to opset 12 or 17, an input after) and whether they stay, or undefined: nothing is reduced. */
function reductionOf(n: FileNode): Reduction | undefined {
  const rank = n.input(0).shape.length;
  const given = n.argument("axes", 1) ?? [];
  if (given.length === 0 && n.attributes.flag("noop_with_empty_axes", false)) return undefined;
  const axes = given.length === 0 ? [...n.input(0).shape.keys()] : given.map((axis) => fromFront(axis, rank));
  return { axes: axes.toSorted((a, b) => a - b), keepDims: n.attributes.flag("keepdims", true) };
}

type Reducing =
  "ReduceSum" | "ReduceMean" | "ReduceMax" | "ReduceMin" | "ReduceProd" | "ReduceL2" | "ReduceLogSumExp";

const reduce =
  (op: Reducing): Importer =>
  (n, g) => {
    const reduction = reductionOf(n);
    return reduction && g.apply(op, [n.input(0)], reduction, n.outputs);
  };

/** A sum over the axes of something pointwise. */
const sumOf =
  (
    before: (g: Builder, x: Value) => Value,
    after: (g: Builder, sum: Value) => Value = (_, sum) => sum,
  ): Importer =>
  (n, g) => {
    const reduction = reductionOf(n);
    return reduction && [after(g, g.reduceSum(before(g, n.input(0)), reduction.axes, reduction.keepDims))];
  };

/** The first maximum; the last one on request stays opaque. */
const argument =
  (of: (g: Builder, x: Value) => Value): Importer =>
  (n, g) => {
    if (n.attributes.flag("select_last_index", false)) return undefined;
    const attributes = { axis: n.axis(0), keepDims: n.attributes.flag("keepdims", true) };
    return g.apply("ArgMax", [of(g, n.input(0))], attributes, n.outputs);
  };

/** Reductions. */
export const reductions: Readonly<Record<string, Importer>> = {
  ReduceSum: reduce("ReduceSum"),
  ReduceMean: reduce("ReduceMean"),
  ReduceMax: reduce("ReduceMax"),
  ReduceMin: reduce("ReduceMin"),
  ReduceProd: reduce("ReduceProd"),
  ReduceL2: reduce("ReduceL2"),
  ReduceLogSumExp: reduce("ReduceLogSumExp"),
  ReduceL1: sumOf((g, x) => g.abs(x)),
  ReduceSumSquare: sumOf((g, x) => g.mul(x, x)),
  ReduceLogSum: sumOf(
    (_, x) => x,
    (g, sum) => g.log(sum),
  ),
  ArgMax: argument((_, x) => x),
  ArgMin: argument((g, x) => g.neg(x)),
  CumSum(n, g) {
    const axis = at(n.requiredNumbers(1), 0);
    const { flag } = n.attributes;
    const attributes = {
      axis: fromFront(axis, n.input(0).shape.length),
      exclusive: flag("exclusive", false),
      reverse: flag("reverse", false),
    };
    return g.apply("CumSum", [n.input(0)], attributes, n.outputs);
  },
};
