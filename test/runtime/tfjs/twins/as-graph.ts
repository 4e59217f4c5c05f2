import type { Tensor } from "../../../../src/core/tensor.ts";
import { withWeights, type ModelFiles } from "./files.ts";
import { epsilon, transposed, type Twin } from "./network.ts";

const text = (value: string) => ({ s: Buffer.from(value).toString("base64") });
const texts = (...values: readonly string[]) => ({ list: { s: values.map((value) => text(value).s) } });
const integers = (...values: readonly number[]) => ({ list: { i: values.map(String) } });
const type = { type: "DT_FLOAT" };

/** A node of a GraphDef, in JSON. */
export const graphNode = (
  op: string,
  name: string,
  input: readonly string[],
  attr: Readonly<Record<string, unknown>> = {},
) => ({ name, op, input, attr: { T: type, ...attr } });

const dims = (shape: readonly number[]) => ({ dim: shape.map((extent) => ({ size: String(extent) })) });

/** The network as a frozen graph, optimized as `tensorflowjs_converter` does: bias and activation fused, a softmax last. */
export function asGraph({ height, width, layers }: Twin): ModelFiles {
  const weights: Record<string, Tensor<"float32" | "int32">> = {};
  const nodes: unknown[] = [
    graphNode("Placeholder", "image", [], { dtype: type, shape: { shape: dims([-1, height, width, 3]) } }),
  ];
  let x = "image";
  const constant = (name: string, tensor: Tensor<"float32" | "int32">): string => {
    weights[name] = tensor;
    const dtype = tensor.dtype === "float32" ? "DT_FLOAT" : "DT_INT32";
    const value = { tensor: { dtype, tensorShape: dims(tensor.shape) } };
    nodes.push({ name, op: "Const", input: [], attr: { dtype: { type: dtype }, value } });
    return name;
  };
  const add = (
    op: string,
    name: string,
    input: readonly string[],
    attr: Readonly<Record<string, unknown>>,
  ) => {
    nodes.push(graphNode(op, name, input, attr));
    x = name;
  };
  const windows = (stride: number, dilation = 1) => ({
    strides: integers(1, stride, stride, 1),
    dilations: integers(1, dilation, dilation, 1),
    padding: text("SAME"),
    data_format: text("NHWC"),
  });
  for (const layer of layers) {
    const { name } = layer;
    switch (layer.kind) {
      case "convolution": {
        const kernel = constant(`${name}/kernel`, transposed(layer.kernel, [2, 3, 1, 0]));
        const bias = constant(`${name}/bias`, layer.bias);
        add("_FusedConv2D", name, [x, kernel, bias], {
          ...windows(layer.stride, layer.dilation),
          num_args: { i: "1" },
          fused_ops: layer.activation === "relu" ? texts("BiasAdd", "Relu") : texts("BiasAdd"),
        });
        break;
      }
      case "depthwise": {
        const kernel = constant(`${name}/kernel`, transposed(layer.kernel, [2, 3, 0, 1]));
        const bias = constant(`${name}/bias`, layer.bias);
        add("FusedDepthwiseConv2dNative", name, [x, kernel, bias], {
          ...windows(layer.stride),
          num_args: { i: "1" },
          fused_ops: texts("BiasAdd"),
        });
        break;
      }
      case "normalization": {
        const parts = (["scale", "offset", "mean", "variance"] as const).map((part) =>
          constant(`${name}/${part}`, layer[part]),
        );
        add("FusedBatchNormV3", name, [x, ...parts], {
          epsilon: { f: epsilon },
          is_training: { b: false },
          data_format: text("NHWC"),
        });
        break;
      }
      case "relu":
        add("Relu", name, [x], {});
        break;
      case "maximum":
      case "average":
        add(layer.kind === "maximum" ? "MaxPool" : "AvgPool", name, [x], {
          ...windows(layer.stride),
          ksize: integers(1, layer.size, layer.size, 1),
        });
        break;
      case "sum":
        add("AddV2", name, [x, layer.other], {});
        break;
      case "head": {
        const axes = { dtype: "int32" as const, shape: [2], data: Int32Array.of(1, 2) };
        add("Mean", `${name}/pooled`, [x, constant(`${name}/axes`, axes)], { keep_dims: { b: false } });
        const matrix = constant(`${name}/kernel`, layer.kernel);
        add("_FusedMatMul", `${name}/logits`, [x, matrix, constant(`${name}/bias`, layer.bias)], {
          transpose_a: { b: false },
          transpose_b: { b: false },
          num_args: { i: "1" },
          fused_ops: texts("BiasAdd"),
        });
        add("Softmax", `${name}/Softmax`, [x], {});
        add("Identity", "Identity", [x], {});
      }
    }
  }
  const modelTopology = { node: nodes, library: {}, versions: {} };
  const signature = { outputs: { predictions: { name: `${x}:0` } } };
  return withWeights({ format: "graph-model", modelTopology, signature }, weights);
}
