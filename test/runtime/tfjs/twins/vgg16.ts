import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { inferTypes, runOnce } from "../../../../src/runtime/onnxruntime.ts";
import type { Value } from "../../../../src/graph/graph.ts";
import type { Tensor } from "../../../../src/core/tensor.ts";
import { importModel } from "../../../../src/onnx/import.ts";
import type { Twin, TwinLayer } from "./network.ts";

/** VGG-16's convolutions with the sample's weights, for images of any size. */
export async function vgg16Twin(path: string, size: number): Promise<Twin> {
  const { graph } = await importModel(readFileSync(path), {
    file: basename(path),
    run: runOnce,
    infer: inferTypes,
    readExternal: (location) => Promise.reject(new Error(`${location}: the weights are in the file`)),
  });
  const weight = (value: Value | null | undefined): Tensor<"float32"> => {
    const tensor = graph.constants.get(value?.name ?? "");
    if (tensor?.dtype !== "float32") throw new Error(`${value?.name ?? "?"} is no weight`);
    return tensor;
  };
  const layers = graph.nodes.flatMap((node): TwinLayer[] => {
    const name = node.outputs[0].name.replace(/_pre$/, "");
    if (!name.startsWith("block")) return [];
    if (node.op === "MaxPool") return [{ kind: "maximum", name, size: 2, stride: 2 }];
    if (node.op !== "Conv") return [];
    const [kernel, bias] = node.inputs.slice(1).map(weight);
    if (kernel === undefined || bias === undefined) throw new Error(`${name} lacks its bias`);
    return [{ kind: "convolution", name, kernel, bias, stride: 1, dilation: 1, activation: "relu" }];
  });
  const last = layers.findIndex(({ name }) => name === "block5_conv3");
  return { height: size, width: size, layers: layers.slice(0, last + 1) };
}
