import { at } from "../../core/required.ts";
import type { Builder } from "../../graph/builder.ts";
import { einsumTerms } from "../../graph/operators.ts";
import type { Value } from "../../graph/graph.ts";
import type { Application } from "./pullback.ts";

/** NumPy's matmul: a vector on the left is a row, on the right a column, and the axis is dropped again afterwards. */
export function matMul(g: Builder, { x: [a, b], dy }: Application<"MatMul">): readonly Value[] {
  const row = a.shape.length === 1;
  const column = b.shape.length === 1;
  const left = row ? g.reshape(a, [1, ...a.shape]) : a;
  const right = column ? g.reshape(b, [...b.shape, 1]) : b;
  const batch = dy.shape.slice(0, dy.shape.length - (row ? 0 : 1) - (column ? 0 : 1));
  const outer = g.reshape(dy, [...batch, at(left.shape, -2), at(right.shape, -1)]);
  const da = g.matmul(outer, g.matrixTranspose(right));
  const db = g.matmul(g.matrixTranspose(left), outer);
  const dropped = (value: Value, axis: -1 | -2) => g.reshape(value, value.shape.toSpliced(axis, 1));
  return [row ? dropped(da, -2) : da, column ? dropped(db, -1) : db];
}

/** y = alpha · op(A) · op(B) + beta · C. Products with transposed factors stay Gemm, so that no weight is copied. */
export function gemm(g: Builder, { x: [a, b], dy, attributes }: Application<"Gemm">): readonly Value[] {
  const { alpha, transA, transB } = attributes;
  const product = (left: Value, right: Value, flipLeft: boolean, flipRight: boolean) =>
    g.gemm(left, right, { alpha, beta: 1, transA: flipLeft, transB: flipRight });
  const da = transA ? product(b, dy, transB, true) : product(dy, b, false, !transB);
  const db = transB ? product(dy, a, true, transA) : product(a, dy, !transA, false);
  return [da, db, g.mul(dy, attributes.beta)];
}

/**
 * Every operand's cotangent is again an Einsum, of dy with the other operands. Indices that only this operand carries
 * were summed away: their cotangent is constant along them. A letter twice in one operand (a diagonal) has no rule.
 */
export function einsum(g: Builder, { x, dy, attributes }: Application<"Einsum">): readonly Value[] {
  const { operands, output } = einsumTerms(attributes);
  if (operands.some((letters) => new Set(letters).size < letters.length)) return [];
  return x.map((operand, position) => {
    const own = at(operands, position);
    const others = operands.toSpliced(position, 1);
    const known = new Set([output, ...others].flat());
    const extent = (letter: string): number => at(operand.shape, own.indexOf(letter));
    const reduced = own.filter((letter) => known.has(letter));
    const terms = [output, ...others].map((letters) => letters.join(""));
    const product = g.single(
      "Einsum",
      [dy, ...x.toSpliced(position, 1)],
      { equation: `${terms.join(",")}->${reduced.join("")}` },
      dy.dtype,
      reduced.map(extent),
    );
    const kept = own.map((letter) => (known.has(letter) ? extent(letter) : 1));
    return g.expand(g.reshape(product, kept), operand.shape);
  });
}
