import * as tf from "@tensorflow/tfjs-core";
import { layers } from "@tensorflow/tfjs-layers";
import { pointwise, type Window } from "../window.ts";
import { channelsLast, layerWindow, numbersIn, type Config } from "./layers-topology.ts";

export type Layer = layers.Layer;
type Compute = (inputs: readonly tf.Tensor[]) => tf.Tensor | tf.Tensor[];

/** One tensor that a layer makes; the last part makes the layer's output. */
export interface Part {
  /** Added to the layer's name; empty for its output. */
  readonly suffix: string;
  readonly operator: string;
  readonly window: Window | null;
  readonly compute: Compute;
}

/** The words by which the rest of erfit knows an operator. */
const operators: Readonly<Record<string, string>> = {
  MaxPooling2D: "MaxPool",
  AveragePooling2D: "AveragePool",
};

const single = (inputs: readonly tf.Tensor[]): tf.Tensor => {
  const [x] = inputs;
  if (x === undefined) throw new Error("a layer has no input");
  return x;
};

/** Activations that make probabilities of scores, by their operators. */
const probabilities: Readonly<Record<string, string>> = {
  softmax: "Softmax",
  logSoftmax: "LogSoftmax",
  sigmoid: "Sigmoid",
  hardSigmoid: "HardSigmoid",
};

/** `linear` gets its name as the layer's output where no activation follows. */
function activated(
  config: Config,
  operator: string,
  window: Window | null,
  linear: Compute,
): readonly Part[] {
  const { activation } = config;
  if (typeof activation !== "string" || activation === "linear")
    return [{ suffix: "", operator, window, compute: linear }];
  const layer = layers.activation({ activation: activation as "relu" }); // its own word, read back
  return [
    { suffix: "/linear", operator, window, compute: linear },
    {
      suffix: "",
      operator: probabilities[activation] ?? "Activation",
      window: pointwise,
      compute: (inputs) => layer.apply(single(inputs)) as tf.Tensor, // tensors in, tensors out
    },
  ];
}

const fourD = (x: tf.Tensor): x is tf.Tensor4D => x.rank === 4;

/**
 * Layers that TF.js computes in a way that it cannot differentiate: fused convolutions want a gradient by the filter, which
 * wasm has no kernel for; normalization without scale or offset throws. Taken apart, a convolution's or classifier's value
 * before its activation has a name.
 */
const takenApart: Readonly<Record<string, (layer: Layer, config: Config) => readonly Part[] | null>> = {
  Conv2D(layer, config) {
    const [kernel, bias] = layer.getWeights();
    if (kernel === undefined || !fourD(kernel) || !channelsLast(config)) return null;
    const [strideY = 1, strideX = 1] = numbersIn(config["strides"]);
    const [dilationY = 1, dilationX = 1] = numbersIn(config["dilationRate"]);
    const padding = config["padding"] === "same" ? "same" : "valid";
    return activated(config, "Conv2D", layerWindow("Conv2D", config), (inputs) => {
      const x = single(inputs);
      if (!fourD(x)) throw new Error(`expected a batch of maps, found shape [${x.shape.join(", ")}]`);
      const y = tf.conv2d(x, kernel, [strideY, strideX], padding, "NHWC", [dilationY, dilationX]);
      return bias === undefined ? y : tf.add(y, bias);
    });
  },
  Dense(layer, config) {
    const [kernel, bias] = layer.getWeights();
    if (kernel?.rank !== 2) return null;
    const matrix = tf.reshape<tf.Rank.R2>(kernel, [-1, Number(config["units"])]); // a view of it
    tf.keep(matrix);
    return activated(config, "Dense", pointwise, (inputs) => {
      const x = single(inputs);
      const rows = tf.reshape<tf.Rank.R2>(x, [-1, matrix.shape[0]]);
      const y = tf.reshape(tf.matMul(rows, matrix), [...x.shape.slice(0, -1), matrix.shape[1]]);
      return bias === undefined ? y : tf.add(y, bias);
    });
  },
  BatchNormalization(layer, config) {
    const weights = layer.getWeights();
    const [mean, variance] = weights.slice(-2);
    if (mean === undefined || variance === undefined) return null;
    const learnt = weights.slice(0, -2);
    const scale = config["scale"] === false ? tf.keep(tf.onesLike(mean)) : learnt.shift();
    const offset = config["center"] === false ? tf.keep(tf.zerosLike(mean)) : learnt.shift();
    const [epsilon, axis] = [Number(config["epsilon"]), Number(config["axis"])];
    return [
      {
        suffix: "",
        operator: "BatchNormalization",
        window: pointwise,
        compute(inputs) {
          const x = single(inputs);
          if (axis !== -1 && axis !== x.rank - 1) return layer.apply(x) as tf.Tensor; // tensors in, tensors out
          return tf.batchNorm(
            x as tf.Tensor4D,
            mean as tf.Tensor1D,
            variance as tf.Tensor1D,
            offset as tf.Tensor1D,
            scale as tf.Tensor1D,
            epsilon,
          );
        },
      },
    ];
  },
};

/** A layer as the tensors that it makes. */
export function partsOf(layer: Layer, callArguments: Readonly<Record<string, unknown>>): readonly Part[] {
  const type = layer.getClassName();
  const config: Config = layer.getConfig();
  const apart = takenApart[type]?.(layer, config) ?? null;
  if (apart !== null) return apart;
  const { activation } = config;
  const named =
    type === "Activation" && typeof activation === "string" ? probabilities[activation] : undefined;
  return [
    {
      suffix: "",
      operator: named ?? operators[type] ?? type,
      window: layerWindow(type, config),
      compute: (inputs) =>
        layer.apply(inputs.length === 1 ? single(inputs) : [...inputs], { ...callArguments }) as
          tf.Tensor | tf.Tensor[], // tensors in, tensors out
    },
  ];
}
