import { broadcastShapes, type DType } from "../../core/tensor.ts";
import type { Value } from "../graph.ts";
import { none, type Operand, type Plain, type Writer } from "./writer.ts";

/** Elementwise operators, with NumPy's broadcasting where there are several operands. */
export function pointwiseOperations({ single, valueOf }: Writer) {
  const unary = (op: Plain) => (x: Value) => single(op, [x], none, x.dtype, x.shape);

  const broadcasting = (op: Plain, dtype?: DType) => (a: Operand, b: Operand) => {
    const [x, y] = [valueOf(a), valueOf(b)];
    return single(op, [x, y], none, dtype ?? x.dtype, broadcastShapes([x.shape, y.shape]));
  };

  return {
    neg: unary("Neg"),
    abs: unary("Abs"),
    sign: unary("Sign"),
    reciprocal: unary("Reciprocal"),
    sqrt: unary("Sqrt"),
    exp: unary("Exp"),
    log: unary("Log"),
    sin: unary("Sin"),
    cos: unary("Cos"),
    tanh: unary("Tanh"),
    erf: unary("Erf"),
    sigmoid: unary("Sigmoid"),
    relu: unary("Relu"),

    add: broadcasting("Add"),
    sub: broadcasting("Sub"),
    mul: broadcasting("Mul"),
    div: broadcasting("Div"),
    pow: broadcasting("Pow"),
    greater: broadcasting("Greater", "bool"),
    greaterOrEqual: broadcasting("GreaterOrEqual", "bool"),
    less: broadcasting("Less", "bool"),
    lessOrEqual: broadcasting("LessOrEqual", "bool"),
    equal: broadcasting("Equal", "bool"),
    and: broadcasting("And", "bool"),

    where(condition: Value, yes: Operand, no: Operand): Value {
      const [a, b] = [valueOf(yes), valueOf(no)];
      return single(
        "Where",
        [condition, a, b],
        none,
        a.dtype,
        broadcastShapes([condition.shape, a.shape, b.shape]),
      );
    },
    /** clamp(alpha · x + beta, 0, 1) */
    hardSigmoid: (x: Value, alpha: number, beta: number): Value =>
      single("HardSigmoid", [x], { alpha, beta }, x.dtype, x.shape),
    cast: (x: Value, to: DType): Value => (x.dtype === to ? x : single("Cast", [x], { to }, to, x.shape)),
    clip: (x: Value, min: number, max: number): Value => single("Clip", [x], { min, max }, x.dtype, x.shape),
  };
}
