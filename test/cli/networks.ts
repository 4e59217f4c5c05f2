import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NodeProto } from "onnx-buf";
import { writeNpy } from "../../src/core/npy.ts";
import { float32, type Shape, type Tensor } from "../../src/core/tensor.ts";
import { folder } from "./erfit.ts";
import { info, model, node, noise, type SmallModel } from "../onnx/small-model.ts";

/** A small network as a file: two convolutions, pooling, three logits. The others are it with one thing changed. */
export const imageShape: Shape = [1, 3, 12, 12];
/** Shape of its feature map `last`. */
export const lastShape: Shape = [1, 3, 6, 6];

const same = { pads: [1, 1, 1, 1] };

export const sound = {
  inputs: [info("image", imageShape)],
  outputs: ["logits"],
  nodes: [
    node("Conv", ["image", "w1"], ["first"], same, { name: "/stem/Conv" }),
    node("Relu", ["first"], ["active"], {}, { name: "/stem/act/Relu" }),
    node("Conv", ["active", "w2"], ["last"], { ...same, strides: [2, 2] }, { name: "/last/Conv" }),
    node("GlobalAveragePool", ["last"], ["pooled"]),
    node("Flatten", ["pooled"], ["logits"]),
  ],
  initializers: { w1: noise([4, 3, 3, 3], 1), w2: noise([3, 4, 3, 3], 2) },
} satisfies SmallModel;

/** The network with the node that makes a tensor replaced by others. */
const replacing = (tensor: string, ...nodes: readonly NodeProto[]): readonly NodeProto[] =>
  sound.nodes.flatMap((each) => (each.output[0] === tensor ? nodes : [each]));

const activation = (opType: string, domain: string): SmallModel => ({
  ...sound,
  domains: { [domain]: 1 },
  nodes: replacing("active", node(opType, ["first"], ["active"], {}, { name: "/stem/act/own", domain })),
});

/** ONNX Runtime has it, erfit has no gradient for it. */
export const withoutGradient = activation("Trilu", "com.microsoft");
/** Nobody has it. */
export const unknownOperator = activation("Frobnicate", "my.own");

export const nanInWeights: SmallModel = {
  ...sound,
  initializers: { ...sound.initializers, w2: float32([3, 4, 3, 3], new Float32Array(108).fill(NaN)) },
};

/** Finite weights and logits; the slope of the square root at 0 is infinite. */
export const nanInGradient: SmallModel = {
  ...sound,
  nodes: [
    node("Sub", ["image", "image"], ["nothing"]),
    node("Sqrt", ["nothing"], ["root"]),
    node("Add", ["image", "root"], ["spoilt"]),
    ...replacing("first", node("Conv", ["spoilt", "w1"], ["first"], same)),
  ],
};

/** `offset` has the shape of a feature map, but no image reaches it. */
export const constantBranch: SmallModel = {
  ...sound,
  nodes: [
    node("Sin", ["table"], ["offset"]),
    ...replacing(
      "pooled",
      node("Add", ["last", "offset"], ["shifted"]),
      node("GlobalAveragePool", ["shifted"], ["pooled"]),
    ),
  ],
  initializers: { ...sound.initializers, table: noise(lastShape, 5) },
};

/** Height and width are open in the file. */
export const openSize: SmallModel = { ...sound, inputs: [info("image", [1, 3, "height", "width"])] };

/** Writes a network into the test file's folder; returns its path. */
export function written(name: string, network: SmallModel): string {
  const path = join(folder, name);
  writeFileSync(path, model(network));
  return path;
}

/** Writes an array (a ready input of the small networks) into the test file's folder; returns its path. */
export function array(name: string, tensor: Tensor = noise(imageShape, 9)): string {
  const path = join(folder, name);
  writeFileSync(path, writeNpy(tensor));
  return path;
}
