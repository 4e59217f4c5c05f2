import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { Op, Operators } from "../../graph/operators.ts";

type One = readonly [Value];
type Two = readonly [Value, Value];
type Three = readonly [Value, Value, Value];

/** Operators with other than one input; import guarantees the count. */
interface Inputs {
  readonly Add: Two;
  readonly Sub: Two;
  readonly Mul: Two;
  readonly Div: Two;
  readonly Pow: Two;
  readonly Max: Two;
  readonly Min: Two;
  readonly PRelu: Two;
  readonly Where: Three;
  readonly MatMul: Two;
  readonly Gemm: readonly [Value, Value, (Value | null)?];
  readonly Einsum: readonly Value[];
  readonly Conv: readonly [Value, Value, (Value | null)?];
  readonly ConvTranspose: readonly [Value, Value, (Value | null)?];
  readonly MaxUnpool: Two;
  readonly BatchNormalization: readonly [Value, Value, Value, Value, Value];
  readonly InstanceNormalization: Three;
  readonly LayerNormalization: readonly [Value, Value, (Value | null)?];
  readonly QuantizeLinear: Three;
  readonly Concat: readonly Value[];
  readonly Gather: Two;
  readonly GatherElements: Two;
  readonly GatherND: Two;
  readonly ScatterElements: Three;
  readonly ScatterND: Three;
  readonly Opaque: readonly (Value | null)[];
}

export type InputsOf<K extends Op> = K extends keyof Inputs ? Inputs[K] : One;

/** One node as its pullback sees it. */
export interface Application<K extends Op> {
  readonly x: InputsOf<K>;
  /** The first output, and its cotangent. */
  readonly y: Value;
  readonly dy: Value;
  /** All outputs, residuals among them, and their cotangents (`null`: zero). */
  readonly outputs: readonly Value[];
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
