import type { Value } from "../graph.ts";
import type { Writer } from "./writer.ts";

/** Operators that reduce axes. */
export function reducingOperations({ single }: Writer) {
  const reducing =
    (op: "ReduceSum" | "ReduceMean" | "ReduceMax") =>
    (x: Value, axes: readonly number[], keepDims = true) => {
      if (axes.length === 0) return x;
      const kept = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
      const shape = keepDims ? kept : kept.filter((_, axis) => !axes.includes(axis));
      return single(op, [x], { axes, keepDims }, x.dtype, shape);
    };

  return {
    reduceSum: reducing("ReduceSum"),
    reduceMean: reducing("ReduceMean"),
    reduceMax: reducing("ReduceMax"),
    argMax: (x: Value, axis: number, keepDims: boolean): Value =>
      single(
        "ArgMax",
        [x],
        { axis, keepDims },
        "int64",
        keepDims
          ? x.shape.map((extent, k) => (k === axis ? 1 : extent))
          : x.shape.filter((_, k) => k !== axis),
      ),
  };
}
