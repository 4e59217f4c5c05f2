import type { GraphModel } from "@tensorflow/tfjs-converter";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { GraphNode } from "./files.ts";
import type { Step } from "./program.ts";
import { kernelWindow, pointwise, shifted, type Window } from "../window.ts";

/** A node's attributes as JSON has them (TensorFlow's attr_value.proto): bytes are base64, 64-bit integers may be text. */

const decoded = (bytes: unknown): string =>
  typeof bytes === "string" ? Buffer.from(bytes, "base64").toString("utf8") : "";

const fieldOf = (message: unknown, field: string): unknown =>
  typeof message === "object" && message !== null ? Reflect.get(message, field) : undefined;

function listOf(attribute: unknown, field: "i" | "s"): readonly unknown[] {
  const list = fieldOf(fieldOf(attribute, "list"), field);
  return Array.isArray(list) ? list : [];
}

const text = (attribute: unknown): string => decoded(fieldOf(attribute, "s"));
const texts = (attribute: unknown): readonly string[] => listOf(attribute, "s").map(decoded);
const integers = (attribute: unknown): readonly number[] => listOf(attribute, "i").map(Number);

/** Element by element, or over channels; concatenation shows in its extents. */
const elementwise = new Set(
  (
    "Identity StopGradient Cast Relu Relu6 Elu Selu LeakyRelu Prelu Sigmoid Tanh Softplus Softmax Erf Exp Log Sqrt Rsqrt Square " +
    "Neg Abs Pow Reciprocal ClipByValue Add AddV2 AddN Sub Mul RealDiv Div Maximum Minimum SquaredDifference BiasAdd " +
    "FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3 LRN Concat ConcatV2"
  ).split(" "),
);

/** Height and width of a list in NHWC. */
const spatial = (list: readonly number[]): readonly number[] => list.slice(1, 3);

function beforeOf({ attr }: GraphNode): readonly [number, number] | "same" {
  if (text(attr["padding"]) === "SAME") return "same";
  const [, , top = 0, , left = 0] = integers(attr["explicit_paddings"]);
  return [top, left];
}

const kernelOf = (node: GraphNode, kernel: readonly number[]): Window =>
  kernelWindow(
    kernel,
    spatial(integers(node.attr["strides"])),
    spatial(integers(node.attr["dilations"])),
    beforeOf(node),
  );

/** What cells of a node's output read; null where that cannot be told. */
function graphWindow(node: GraphNode, weight: (input: string) => Tensor | undefined): Window | null {
  if (elementwise.has(node.op)) return pointwise;
  if (text(node.attr["data_format"]) === "NCHW") return null;
  const [, second = ""] = node.input;
  switch (node.op) {
    case "Conv2D":
    case "DepthwiseConv2dNative":
      return kernelOf(node, weight(second)?.shape ?? []);
    case "MaxPool":
    case "AvgPool":
      return kernelOf(node, spatial(integers(node.attr["ksize"])));
    case "Pad":
    case "PadV2":
    case "MirrorPad": {
      const paddings = weight(second)?.dataSync();
      return paddings?.length === 8 ? shifted(Number(paddings[2]), Number(paddings[4])) : null;
    }
    default:
      return null;
  }
}

/** A node as a step, with the constants that it reads. */
interface GraphStep extends Step {
  readonly node: GraphNode;
  readonly constants: readonly string[];
}

/** The words by which the rest of erfit knows an operator. */
const operators: Readonly<Record<string, string>> = { AvgPool: "AveragePool" };

/** Inputs that bound values: an infinite one is no bound, and nothing is wrong with it. */
const bounds: Readonly<Record<string, (index: number) => boolean>> = {
  ClipByValue: (index) => index > 0,
  Minimum: () => true,
};

/** `name:0` is the first output of `name`; `^name` only has to run before. */
export const nodeOf = (input: string): string => input.replace(/^\^/, "").replace(/:\d+$/, "");

const scopeOf = (name: string): string | undefined =>
  name.includes("/") ? name.split("/").join(".") : undefined;

/** The nodes that compute something, in topological order. */
export function stepsOf(
  nodes: readonly GraphNode[],
  weights: GraphModel["weights"],
): ReadonlyMap<string, GraphStep> {
  const constant = new Set(nodes.filter(({ op }) => op === "Const").map(({ name }) => name));
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const steps = new Map<string, GraphStep>();
  const visit = (name: string): void => {
    const node = byName.get(name);
    if (node === undefined || steps.has(name) || constant.has(name)) return;
    byName.delete(name); // a cycle ends here
    const inputs = node.input.filter((input) => !input.startsWith("^")).map(nodeOf);
    inputs.forEach(visit);
    steps.set(name, {
      name,
      operator: operators[node.op] ?? node.op,
      module: scopeOf(name),
      inputs: inputs.filter((input) => !constant.has(input)),
      window: graphWindow(node, (input) => weights[nodeOf(input)]?.[0]),
      node,
      constants: inputs.filter((input, index) => constant.has(input) && bounds[node.op]?.(index) !== true),
    });
  };
  nodes.forEach(({ name }) => {
    visit(name);
  });
  return steps;
}

/** What the converter fuses, and the operator inside. */
const fused: Readonly<Record<string, string>> = {
  _FusedConv2D: "Conv2D",
  FusedDepthwiseConv2dNative: "DepthwiseConv2dNative",
  _FusedMatMul: "MatMul",
};

/**
 * A fused node as the nodes that it was fused from. TF.js computes the gradient of a fused convolution by its filter as
 * well, which wasm has no kernel for; apart they are ordinary operators, and what lies before an activation has a name.
 * The last one keeps the node's name.
 */
export function unfused(node: GraphNode): readonly GraphNode[] {
  const operator = fused[node.op];
  if (operator === undefined) return [node];
  const { name, input, attr } = node;
  const names = texts(attr["fused_ops"]);
  const [x = "", filter = "", ...extra] = input;
  const steps = names.map((op, k) => {
    const last = k === names.length - 1;
    const own = last ? name : `${name}/linear`;
    const activation = op !== "BiasAdd";
    const argument = activation && op !== "Prelu" ? [] : [extra[activation ? extra.length - 1 : 0] ?? ""];
    const alpha = op === "LeakyRelu" ? { alpha: attr["leakyrelu_alpha"] ?? { f: 0.2 } } : {};
    return { op, own, argument, attr: { ...(attr["T"] === undefined ? {} : { T: attr["T"] }), ...alpha } };
  });
  const product = steps.length === 0 ? name : `${name}/product`;
  const nodes: GraphNode[] = [{ name: product, op: operator, input: [x, filter], attr }];
  for (const { op, own, argument, attr: attributes } of steps)
    nodes.push({ name: own, op, input: [nodes.at(-1)?.name ?? "", ...argument], attr: attributes });
  return nodes;
}
