import { float32, type Tensor } from "../../../../src/core/tensor.ts";
import { noise } from "../../../onnx/small-model.ts";

/** A layer of a network that is written in several formats. Padding is TensorFlow's `same` throughout. */
export type TwinLayer =
  | {
      readonly kind: "convolution";
      readonly name: string;
      /** `[out, in, height, width]`, as ONNX has it. */
      readonly kernel: Tensor<"float32">;
      readonly bias: Tensor<"float32">;
      readonly stride: number;
      readonly dilation: number;
      readonly activation: "relu" | "linear";
    }
  | {
      readonly kind: "depthwise";
      readonly name: string;
      /** `[channels * multiplier, 1, height, width]`. */
      readonly kernel: Tensor<"float32">;
      readonly bias: Tensor<"float32">;
      readonly stride: number;
    }
  | {
      readonly kind: "normalization";
      readonly name: string;
      readonly scale: Tensor<"float32">;
      readonly offset: Tensor<"float32">;
      readonly mean: Tensor<"float32">;
      readonly variance: Tensor<"float32">;
    }
  | { readonly kind: "relu"; readonly name: string }
  | {
      readonly kind: "maximum" | "average";
      readonly name: string;
      readonly size: number;
      readonly stride: number;
    }
  /** The layer before it plus an earlier one. */
  | { readonly kind: "sum"; readonly name: string; readonly other: string }
  /** Mean over the map, then a matrix `[channels, classes]`; the TF.js formats end in a softmax. */
  | {
      readonly kind: "head";
      readonly name: string;
      readonly kernel: Tensor<"float32">;
      readonly bias: Tensor<"float32">;
    };

/** A chain of layers on an image of the given size. */
export interface Twin {
  readonly height: number;
  readonly width: number;
  readonly layers: readonly TwinLayer[];
}

export const epsilon = 1e-3;

const scaled = (shape: readonly number[], seed: number, by: number): Tensor<"float32"> =>
  float32(
    shape,
    noise(shape, seed).data.map((value) => value * by),
  );

const positive = (shape: readonly number[], seed: number): Tensor<"float32"> =>
  float32(
    shape,
    noise(shape, seed).data.map((value) => 0.5 + Math.abs(value)),
  );

/** Everything that a small mobile network has, from one seed: strides, dilation, depthwise, both pools, a shortcut. */
export const smallTwin: Twin = {
  height: 45,
  width: 50,
  layers: [
    {
      kind: "convolution",
      name: "stem",
      ...weights([8, 3, 3, 3], 1),
      stride: 2,
      dilation: 1,
      activation: "relu",
    },
    { kind: "depthwise", name: "depthwise", ...weights([8, 1, 3, 3], 3), stride: 1 },
    {
      kind: "normalization",
      name: "normalized",
      scale: positive([8], 5),
      offset: scaled([8], 6, 0.3),
      mean: scaled([8], 7, 0.3),
      variance: positive([8], 8),
    },
    { kind: "relu", name: "rectified" },
    {
      kind: "convolution",
      name: "project",
      ...weights([8, 8, 1, 1], 9),
      stride: 1,
      dilation: 1,
      activation: "linear",
    },
    { kind: "sum", name: "shortcut", other: "stem" },
    { kind: "maximum", name: "maximum", size: 3, stride: 2 },
    { kind: "average", name: "average", size: 3, stride: 1 },
    {
      kind: "convolution",
      name: "last",
      ...weights([12, 8, 3, 3], 11),
      stride: 1,
      dilation: 2,
      activation: "relu",
    },
    { kind: "head", name: "predictions", kernel: scaled([12, 4], 13, 1), bias: scaled([4], 14, 1) },
  ],
};

/** Weights that keep the size of what passes through them. */
function weights(shape: readonly [number, number, number, number], seed: number) {
  const [out, ...fan] = shape;
  const by = Math.sqrt(6 / fan.reduce((product, extent) => product * extent, 1));
  return { kernel: scaled(shape, seed, by), bias: scaled([out], seed + 1, 0.3) };
}

/** TensorFlow's `same`: half of what the last window lacks in front, rounded down. */
export function samePadding(extent: number, kernel: number, stride: number): readonly [number, number] {
  const lacking = Math.max(0, (Math.ceil(extent / stride) - 1) * stride + kernel - extent);
  return [Math.floor(lacking / 2), lacking - Math.floor(lacking / 2)];
}

/** Axes in another order: extent k of the result is extent `axes[k]` of the tensor. */
export function transposed({ shape, data }: Tensor<"float32">, axes: readonly number[]): Tensor<"float32"> {
  const extents = axes.map((axis) => shape[axis] ?? 1);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const result = new Float32Array(data.length);
  for (let flat = 0; flat < result.length; flat++) {
    let [rest, from] = [flat, 0];
    for (let k = axes.length - 1; k >= 0; k--) {
      const extent = extents[k] ?? 1;
      from += (rest % extent) * (strides[axes[k] ?? 0] ?? 1);
      rest = Math.floor(rest / extent);
    }
    result[flat] = data[from] ?? 0;
  }
  return float32(extents, result);
}
