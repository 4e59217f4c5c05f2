import * as tf from "@tensorflow/tfjs-core";
import type { BackendName } from "../backend-names.ts";
import { convolutionInput, depthwiseInput, averagePoolInput, maxPoolInput } from "./windows.ts";
import {
  depthToSpaceInput,
  mirrorPadInput,
  stridedSliceInput,
  bilinear,
  nearest,
  resizeInput,
} from "./rearranging.ts";

/** An operator's forward pass as TF.js hands it to a gradient. */
interface Forward {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly saved: readonly tf.Tensor[];
}

/** The gradient of one kernel by its image input `x`, written in operations that every backend has. */
export interface Composition {
  /** What is wrong with TF.js's own. */
  readonly why: string;
  /** Whether TF.js's own is wrong, missing or slow there. */
  readonly replaces: (backend: BackendName, attributes: Readonly<Record<string, unknown>>) => boolean;
  /** What the gradient reads of the forward pass, in this order: inputs, then the first output. */
  readonly inputsToSave: readonly string[];
  /** What TF.js calls the image input; `x` in most kernels. */
  readonly input?: string;
  readonly savesOutput?: boolean;
  readonly gradient: (dy: tf.Tensor, forward: Forward) => tf.Tensor;
}

type Pair = [number, number];
const pair = (value: unknown, otherwise: Pair): Pair => {
  if (typeof value === "number") return [value, value];
  const [a, b] = Array.isArray(value) ? (value as unknown[]) : [];
  return typeof a === "number" && typeof b === "number" ? [a, b] : otherwise;
};

type Padding = Parameters<typeof tf.backend_util.computeConv2DInfo>[4];

/** Attributes of a convolution or a pool; their types are TF.js's own (kernel_names.ts). */
const geometry = (attributes: Forward["attributes"]) => ({
  strides: pair(attributes["strides"], [1, 1]),
  dilations: pair(attributes["dilations"], [1, 1]),
  filterSize: pair(attributes["filterSize"], [1, 1]),
  pad: attributes["pad"] as Padding,
  rounding: attributes["dimRoundingMode"] as "floor" | "round" | "ceil" | undefined,
});

const dilated = (attributes: Forward["attributes"]): boolean =>
  geometry(attributes).dilations.some((dilation) => dilation > 1);

/** Padding in pixels, which tfjs-node's backward kernels do not take. */
const explicit = (attributes: Forward["attributes"]): boolean => typeof attributes["pad"] !== "string";

const only =
  (...names: readonly BackendName[]) =>
  (backend: BackendName) =>
    names.includes(backend);

/** Saved tensors of a rank that the forward operator has checked. */
const maps = ({ saved }: Forward, count: number): readonly tf.Tensor4D[] => {
  const tensors = saved.filter((tensor): tensor is tf.Tensor4D => tensor.rank === 4);
  if (tensors.length !== count) throw new Error(`the gradient needs ${count} tensors of rank 4`);
  return tensors;
};

const convolved =
  (depthwise: boolean, input: typeof convolutionInput): Composition["gradient"] =>
  (dy, forward) => {
    const [x, filter] = maps(forward, 2);
    if (x === undefined || filter === undefined) return dy;
    const { strides, dilations, pad, rounding } = geometry(forward.attributes);
    const info = tf.backend_util.computeConv2DInfo(
      x.shape,
      filter.shape,
      strides,
      dilations,
      pad,
      rounding,
      depthwise,
    );
    return input(dy as tf.Tensor4D, filter, info);
  };

const poolInfo = (x: tf.Tensor4D, attributes: Forward["attributes"]) => {
  const { filterSize, strides, dilations, pad, rounding } = geometry(attributes);
  return tf.backend_util.computePool2DInfo(x.shape, filterSize, strides, dilations, pad, rounding);
};

const resized =
  (interpolation: typeof bilinear): Composition["gradient"] =>
  (dy, forward) => {
    const [x] = maps(forward, 1);
    const { alignCorners, halfPixelCenters } = forward.attributes;
    const sampling = { alignCorners: alignCorners === true, halfPixelCenters: halfPixelCenters === true };
    return x === undefined ? dy : resizeInput(dy as tf.Tensor4D, x, interpolation, sampling);
  };

/** Gradients that erfit gives TF.js, by kernel. Each has its test against finite differences. */
export const compositions: Readonly<Record<string, Composition>> = {
  AvgPool: {
    why: "counts padding at the borders",
    replaces: only("wasm", "cpu"),
    inputsToSave: ["x"],
    gradient: (dy, forward) => {
      const [x] = maps(forward, 1);
      return x === undefined ? dy : averagePoolInput(dy as tf.Tensor4D, poolInfo(x, forward.attributes));
    },
  },
  MaxPool: {
    why: "loses windows whose maximum is not above 0",
    replaces: only("wasm"),
    inputsToSave: ["x"],
    savesOutput: true,
    gradient: (dy, forward) => {
      const [x, y] = maps(forward, 2);
      if (x === undefined || y === undefined) return dy;
      return maxPoolInput(dy as tf.Tensor4D, x, y, poolInfo(x, forward.attributes));
    },
  },
  Conv2D: {
    why: "throws for dilations above 1, and for padding in pixels; wasm's kernel takes several times as long",
    replaces: (backend, attributes) =>
      attributes["dataFormat"] !== "NCHW" &&
      (backend === "wasm" || dilated(attributes) || explicit(attributes)),
    inputsToSave: ["x", "filter"],
    gradient: convolved(false, convolutionInput),
  },
  DepthwiseConv2dNative: {
    why: "throws for dilations above 1, and wasm has no kernel for it",
    replaces: (backend, attributes) => backend === "wasm" || dilated(attributes),
    inputsToSave: ["x", "filter"],
    gradient: convolved(true, depthwiseInput),
  },
  DepthToSpace: {
    why: "missing",
    replaces: () => true,
    inputsToSave: [],
    gradient: (dy, { attributes }) => depthToSpaceInput(dy as tf.Tensor4D, Number(attributes["blockSize"])),
  },
  MirrorPad: {
    why: "forgets the mirrored border",
    replaces: () => true,
    inputsToSave: ["x"],
    gradient: (dy, { attributes: { paddings, mode } }) =>
      mirrorPadInput(dy, paddings as [number, number][], mode === "symmetric" ? "symmetric" : "reflect"),
  },
  ResizeBilinear: {
    why: "ignores half-pixel centers; on cpu it swaps height and width",
    replaces: (backend, { halfPixelCenters }) => backend === "cpu" || halfPixelCenters === true,
    inputsToSave: ["images"],
    input: "images",
    gradient: resized(bilinear),
  },
  ResizeNearestNeighbor: {
    why: "ignores half-pixel centers",
    replaces: (_, { halfPixelCenters }) => halfPixelCenters === true,
    inputsToSave: ["images"],
    input: "images",
    gradient: resized(nearest),
  },
  StridedSlice: {
    why: "missing",
    replaces: () => true,
    inputsToSave: ["x"],
    gradient: (dy, { attributes, saved: [x] }) =>
      x === undefined ? dy : stridedSliceInput(dy, x, attributes),
  },
};
