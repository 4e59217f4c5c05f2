import type { Builder } from "../../graph/builder.ts";
import type { InputsOf, Value } from "../../graph/graph.ts";
import type { Op, Operators } from "../../graph/operators.ts";

/** One node as its pullback sees it. */
export interface Application<K extends Op> {
  readonly x: InputsOf<K>;
  /** The first output, and its cotangent. */
  readonly y: Value;
  readonly dy: Value;
  /** All outputs, residuals among them, and their cotangents (`null`: zero). */
  readonly outputs: readonly [Value, ...Value[]];
  readonly cotangents: readonly (Value | null)[];
  readonly attributes: Operators[K];
  /** Whether the output does nothing but scale other tensors: in a SiLU, in a squeeze-and-excitation. */
  readonly scales: boolean;
}

/**
 * Vector-Jacobian product of one operator: cotangents of its inputs, in input order. `null` is a zero derivative; a
 * list that ends early has no rule for the inputs beyond. A cotangent may still have the shape that its input was
 * broadcast to: the walker sums it.
 */
export type Pullback<K extends Op> = (g: Builder, application: Application<K>) => readonly (Value | null)[];
