import { float32, type Shape, type Tensor } from "../../src/core/tensor.ts";
import { asLayers } from "../runtime/tfjs/twins/as-layers.ts";
import type { ModelFiles } from "../runtime/tfjs/twins/files.ts";
import { info, model, node, noise } from "../onnx/small-model.ts";

/** Classes of the networks that pages speak of: ImageNet's. */
const classes = 1000;
const channels = 6;

/** Smooth positive kernels, so that photographs give a field that a Gaussian fits. */
function smooth([out = 1, into = 1]: Shape, seed: number): Tensor<"float32"> {
  const strength = noise([out, into], seed).data;
  const taps = [1, 2, 1].flatMap((y) => [1, 2, 1].map((x) => (x * y) / 16));
  const weights = [...strength].flatMap((s) => taps.map((tap) => (tap * (1.2 + s)) / into));
  return float32([out, into, 3, 3], weights);
}

const zeros = (count: number): Tensor<"float32"> => float32([count], new Float32Array(count));

/** Stages after a stem that keeps the size, with their strides. */
type Stages = Readonly<Record<string, number>>;
const ofResNet: Stages = { layer1: 2, layer2: 2, layer3: 1, layer4: 1 };

/** The last layers of VGG-16, which pages measure: here they are as small as any. */
export const ofVgg16: Stages = { block2_conv2: 2, block3_conv3: 2, block4_conv3: 1, block5_conv3: 1 };

/** A network in place of the reader's own: 48 x 48 pixels, four stages, named as exporters name modules and tensors. */
export function standInOnnx(named = ofResNet): Uint8Array {
  const stages = Object.entries(named).flatMap(([name, stride], k) => {
    const [before, conv, after] = [k === 0 ? "relu" : `relu_${k}`, `conv2d_${k + 1}`, `relu_${k + 1}`];
    const window = { pads: [1, 1, 1, 1], strides: [stride, stride] };
    return [
      node("Conv", [before, `w${k + 1}`], [conv], window, { name: `/${name}/conv/Conv` }),
      node("Relu", [conv], [after], {}, { name: `/${name}/act/Relu` }),
    ];
  });
  return model({
    opset: 17,
    inputs: [info("image", [1, 3, 48, 48])],
    outputs: ["logits"],
    nodes: [
      node("Conv", ["image", "w0"], ["conv2d"], { pads: [1, 1, 1, 1] }, { name: "/conv1/Conv" }),
      node("Relu", ["conv2d"], ["relu"], {}, { name: "/act1/Relu" }),
      ...stages,
      node("GlobalAveragePool", ["relu_4"], ["mean"], {}, { name: "/global_pool/GlobalAveragePool" }),
      node("Flatten", ["mean"], ["view"], {}, { name: "/global_pool/Flatten" }),
      node("Gemm", ["view", "w"], ["logits"], {}, { name: "/fc/Gemm" }),
    ],
    initializers: {
      w0: smooth([channels, 3], 1),
      ...Object.fromEntries([0, 1, 2, 3].map((k) => [`w${k + 1}`, smooth([channels, channels], k + 2)])),
      w: noise([channels, classes], 9),
    },
  });
}

/** The same idea as a Keras model for TF.js, with a layer that MobileNetV2 has. */
export const standInTfjs = (): ModelFiles =>
  asLayers({
    height: 48,
    width: 48,
    layers: [
      ...[3, channels, channels].map((into, k) => ({
        kind: "convolution" as const,
        name: `block_${k + 10}_project`,
        kernel: smooth([channels, into], k + 1),
        bias: zeros(channels),
        stride: k === 1 ? 2 : 1,
        dilation: 1,
        activation: "relu" as const,
      })),
      { kind: "sum", name: "block_12_add", other: "block_11_project" },
      { kind: "head", name: "predictions", kernel: noise([channels, classes], 9), bias: zeros(classes) },
    ],
  });
