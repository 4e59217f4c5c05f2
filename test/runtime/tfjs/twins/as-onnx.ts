import type { NodeProto } from "onnx-buf";
import type { Tensor } from "../../../../src/core/tensor.ts";
import { float, info, model, node } from "../../../onnx/small-model.ts";
import { epsilon, samePadding, type Twin } from "./network.ts";

/** The network as ONNX, NCHW; it ends in the logits. */
export function asOnnx({ height, width, layers }: Twin): Uint8Array {
  const nodes: NodeProto[] = [];
  const initializers: Record<string, Tensor> = {};
  let [x, rows, columns] = ["image", height, width];
  const window = (kernel: number, stride: number, dilation = 1) => {
    const reach = dilation * (kernel - 1) + 1;
    const [top, bottom] = samePadding(rows, reach, stride);
    const [left, right] = samePadding(columns, reach, stride);
    [rows, columns] = [Math.ceil(rows / stride), Math.ceil(columns / stride)];
    return { pads: [top, left, bottom, right], strides: [stride, stride], kernel_shape: [kernel, kernel] };
  };
  const weight = (name: string, tensor: Tensor): string => {
    initializers[name] = tensor;
    return name;
  };
  for (const layer of layers) {
    const { name } = layer;
    switch (layer.kind) {
      case "convolution": {
        const rectified = layer.activation === "relu";
        const linear = rectified ? `${name}/linear` : name;
        nodes.push(
          node("Conv", [x, weight(`${name}.w`, layer.kernel), weight(`${name}.b`, layer.bias)], [linear], {
            ...window(layer.kernel.shape[2] ?? 1, layer.stride, layer.dilation),
            dilations: [layer.dilation, layer.dilation],
          }),
          ...(rectified ? [node("Relu", [linear], [name])] : []),
        );
        break;
      }
      case "depthwise":
        nodes.push(
          node("Conv", [x, weight(`${name}.w`, layer.kernel), weight(`${name}.b`, layer.bias)], [name], {
            ...window(layer.kernel.shape[2] ?? 1, layer.stride),
            group: layer.kernel.shape[0] ?? 1,
          }),
        );
        break;
      case "normalization": {
        const parts = (["scale", "offset", "mean", "variance"] as const).map((part) =>
          weight(`${name}.${part}`, layer[part]),
        );
        nodes.push(node("BatchNormalization", [x, ...parts], [name], { epsilon: float(epsilon) }));
        break;
      }
      case "relu":
        nodes.push(node("Relu", [x], [name]));
        break;
      case "maximum":
        nodes.push(node("MaxPool", [x], [name], window(layer.size, layer.stride)));
        break;
      case "average":
        nodes.push(node("AveragePool", [x], [name], window(layer.size, layer.stride)));
        break;
      case "sum":
        nodes.push(node("Add", [x, layer.other], [name]));
        break;
      case "head":
        nodes.push(
          node("GlobalAveragePool", [x], [`${name}/pooled`]),
          node("Flatten", [`${name}/pooled`], [`${name}/flat`]),
          node(
            "Gemm",
            [`${name}/flat`, weight(`${name}.w`, layer.kernel), weight(`${name}.b`, layer.bias)],
            [name],
          ),
        );
    }
    x = name;
  }
  return model({ inputs: [info("image", [1, 3, height, width])], outputs: [x], nodes, initializers });
}
