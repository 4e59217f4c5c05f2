import type { Tensor } from "@tensorflow/tfjs-core";
import { kernelWindow, pointwise, shifted, type Window } from "../window.ts";
import type { GraphNode } from "./files.ts";
import { integers, text } from "./graph-attributes.ts";

/** Element by element, or over channels; concatenation is told by its extents. */
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
export function graphWindow(node: GraphNode, weight: (input: string) => Tensor | undefined): Window | null {
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
