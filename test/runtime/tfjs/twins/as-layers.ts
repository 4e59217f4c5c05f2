import type { Tensor } from "../../../../src/core/tensor.ts";
import { withWeights, type ModelFiles } from "./files.ts";
import { epsilon, transposed, type Twin } from "./network.ts";

/** The network as a Keras model, as `tensorflowjs_converter` writes it: NHWC, with a softmax at its end. */
export function asLayers({ height, width, layers }: Twin): ModelFiles {
  const weights: Record<string, Tensor<"float32">> = {};
  const input = { name: "image", batch_input_shape: [null, height, width, 3], dtype: "float32" };
  const configs: unknown[] = [{ class_name: "InputLayer", name: "image", config: input, inbound_nodes: [] }];
  let x = "image";
  const add = (class_name: string, name: string, config: object, ...others: readonly string[]) => {
    const inbound = [x, ...others].map((source) => [source, 0, 0, {}]);
    configs.push({
      class_name,
      name,
      config: { name, trainable: true, ...config },
      inbound_nodes: [inbound],
    });
    x = name;
  };
  const common = { padding: "same", data_format: "channels_last" };
  for (const layer of layers) {
    const { name } = layer;
    switch (layer.kind) {
      case "convolution": {
        const [filters, , ...kernel_size] = layer.kernel.shape;
        weights[`${name}/kernel`] = transposed(layer.kernel, [2, 3, 1, 0]);
        weights[`${name}/bias`] = layer.bias;
        const strides = [layer.stride, layer.stride];
        const dilation_rate = [layer.dilation, layer.dilation];
        const { activation } = layer;
        add("Conv2D", name, {
          ...common,
          filters,
          kernel_size,
          strides,
          dilation_rate,
          activation,
          use_bias: true,
        });
        break;
      }
      case "depthwise": {
        weights[`${name}/depthwise_kernel`] = transposed(layer.kernel, [2, 3, 0, 1]);
        weights[`${name}/bias`] = layer.bias;
        const strides = [layer.stride, layer.stride];
        add("DepthwiseConv2D", name, {
          ...common,
          kernel_size: layer.kernel.shape.slice(2),
          strides,
          depth_multiplier: 1,
          activation: "linear",
          use_bias: true,
        });
        break;
      }
      case "normalization":
        weights[`${name}/gamma`] = layer.scale;
        weights[`${name}/beta`] = layer.offset;
        weights[`${name}/moving_mean`] = layer.mean;
        weights[`${name}/moving_variance`] = layer.variance;
        add("BatchNormalization", name, { axis: -1, epsilon, center: true, scale: true, momentum: 0.99 });
        break;
      case "relu":
        add("Activation", name, { activation: "relu" });
        break;
      case "maximum":
      case "average":
        add(layer.kind === "maximum" ? "MaxPooling2D" : "AveragePooling2D", name, {
          ...common,
          pool_size: [layer.size, layer.size],
          strides: [layer.stride, layer.stride],
        });
        break;
      case "sum":
        add("Add", name, {}, layer.other);
        break;
      case "head":
        weights[`${name}/kernel`] = layer.kernel;
        weights[`${name}/bias`] = layer.bias;
        add("GlobalAveragePooling2D", `${name}_pooled`, { data_format: "channels_last" });
        add("Dense", name, { units: layer.kernel.shape[1], activation: "softmax", use_bias: true });
    }
  }
  const config = {
    name: "twin",
    layers: configs,
    input_layers: [["image", 0, 0]],
    output_layers: [[x, 0, 0]],
  };
  const modelTopology = {
    keras_version: "2.11.0",
    backend: "tensorflow",
    model_config: { class_name: "Functional", config },
  };
  return withWeights({ format: "layers-model", modelTopology }, weights);
}
