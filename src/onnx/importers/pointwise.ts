import { broadcastShapes, type DType } from "../../core/tensor.ts";
import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { type FileNode, type Importer, oneOf, plain, same } from "./file-node.ts";
import { dtypeOf } from "../file/element-type.ts";

/** An operator of any number of operands, as a chain of operators of two. */
const chain =
  (join: (g: Builder, a: Value, b: Value) => Value): Importer =>
  (n, g) => [n.inputs.map((_, index) => n.input(index)).reduce((sum, operand) => join(g, sum, operand))];

const sum = chain((g, a, b) => g.add(a, b));

const extremum = (op: "Max" | "Min") =>
  chain((g, a, b) => g.single(op, [a, b], {}, a.dtype, broadcastShapes([a.shape, b.shape])));

/** Up to opset 10 exporters write the largest float32 for "no bound" (the attribute's default). */
const unbounded = (bound: number): number =>
  Math.abs(bound) >= 3.4028234e38 ? Math.sign(bound) * Infinity : bound;

const slope = (absent: number) => (n: FileNode) => ({
  alpha: n.attributes.float("alpha", absent),
});

const cast = (n: FileNode, g: Builder, to: DType | undefined): readonly Value[] | undefined => {
  if (to === n.input(0).dtype) return g.apply("Identity", [n.input(0)], {}, n.outputs);
  return to && g.apply("Cast", [n.input(0)], { to }, n.outputs);
};

/** Pointwise operators. Attribute defaults are the specification's. */
export const pointwise: Readonly<Record<string, Importer>> = {
  Identity: plain("Identity"),
  Neg: plain("Neg"),
  Abs: plain("Abs"),
  Sign: plain("Sign"),
  Reciprocal: plain("Reciprocal"),
  Sqrt: plain("Sqrt"),
  Exp: plain("Exp"),
  Log: plain("Log"),
  Sin: plain("Sin"),
  Cos: plain("Cos"),
  Erf: plain("Erf"),
  Floor: plain("Floor"),
  Ceil: plain("Ceil"),
  Round: plain("Round"),
  Not: plain("Not"),
  Relu: plain("Relu"),
  Sigmoid: plain("Sigmoid"),
  HardSwish: plain("HardSwish"),
  Tanh: plain("Tanh"),
  Softplus: plain("Softplus"),
  Softsign: plain("Softsign"),
  Mish: plain("Mish"),
  LeakyRelu: same("LeakyRelu", slope(0.01)),
  ThresholdedRelu: same("ThresholdedRelu", slope(1)),
  Elu: same("Elu", slope(1)),
  Celu: same("Celu", slope(1)),
  Selu: same("Selu", ({ attributes: { float } }) => ({
    alpha: float("alpha", 1.67326319217681884765625),
    gamma: float("gamma", 1.05070102214813232421875),
  })),
  HardSigmoid: same("HardSigmoid", ({ attributes: { float } }) => ({
    alpha: float("alpha", 0.2),
    beta: float("beta", 0.5),
  })),
  Gelu(n, g) {
    const approximate = oneOf(n.attributes.text("approximate", "none"), ["none", "tanh"]);
    return approximate && g.apply("Gelu", n.inputs, { approximate }, n.outputs);
  },
  Swish(n, g) {
    const x = n.input(0);
    const alpha = n.attributes.float("alpha", 1);
    return [g.mul(x, g.sigmoid(alpha === 1 ? x : g.mul(x, alpha)))];
  },
  /** Towards zero by `bias` outside ±lambd, zero inside. */
  Shrink(n, g) {
    const [x, lambd, bias] = [n.input(0), n.attributes.float("lambd", 0.5), n.attributes.float("bias", 0)];
    const above = g.where(g.greater(x, lambd), g.sub(x, bias), 0);
    return [g.where(g.less(x, -lambd), g.add(x, bias), above)];
  },
  Clip(n, g) {
    const [min = -Infinity] = n.argument("min", 1) ?? [];
    const [max = Infinity] = n.argument("max", 2) ?? [];
    return g.apply("Clip", [n.input(0)], { min: unbounded(min), max: unbounded(max) }, n.outputs);
  },
  Dropout(n, g) {
    if (n.numbers(2)?.[0] === 1) throw n.refuse("is in training mode: export the model for inference");
    return n.outputs.length > 1 ? undefined : g.apply("Identity", [n.input(0)], {}, n.outputs);
  },
  Cast: (n, g) => cast(n, g, dtypeOf(n.attributes.int("to", 0))),
  CastLike: (n, g) => cast(n, g, n.input(1).dtype),

  Add: plain("Add"),
  Sub: plain("Sub"),
  Mul: plain("Mul"),
  Div: plain("Div"),
  Pow: plain("Pow"),
  PRelu: plain("PRelu"),
  Mod: same("Mod", (n) => ({ fmod: n.attributes.flag("fmod", false) })),
  Sum: sum,
  Mean: (n, g) => sum(n, g)?.map((total) => g.mul(total, 1 / n.inputs.length)),
  Max: extremum("Max"),
  Min: extremum("Min"),
  Greater: plain("Greater"),
  GreaterOrEqual: plain("GreaterOrEqual"),
  Less: plain("Less"),
  LessOrEqual: plain("LessOrEqual"),
  Equal: plain("Equal"),
  And: plain("And"),
  Or: plain("Or"),
  Where: plain("Where"),
};
