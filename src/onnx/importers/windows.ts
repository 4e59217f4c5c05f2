import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { Window } from "../../graph/operators.ts";
import type { FileNode, Importer } from "./file-node.ts";
import { sizeOf, type Shape } from "../../core/tensor.ts";

const spatialAxes = (shape: Shape): number[] => [...shape.keys()].slice(2);

/** Kernel, strides and dilations with the specification's defaults, before padding is settled. */
function frame(n: FileNode, kernel: readonly number[] | undefined) {
  const kernelShape = n.attributes.numbers("kernel_shape") ?? kernel;
  const rank = n.input(0).shape.length - 2;
  if (kernelShape?.length !== rank) {
    throw n.refuse(
      `has a window of ${kernelShape?.length ?? "unknown"} dimensions over ${rank} spatial ones`,
    );
  }
  const ones = kernelShape.map(() => 1);
  const strides = n.attributes.numbers("strides") ?? ones;
  const dilations = n.attributes.numbers("dilations") ?? ones;
  return { kernelShape, strides, dilations, autoPad: n.attributes.text("auto_pad", "NOTSET") };
}

/** Padding of so much on each axis in all: SAME_UPPER has the odd pixel at the end, SAME_LOWER at the beginning. */
function halves(totals: readonly number[], oddAtEnd: boolean): number[] {
  const smaller = totals.map((total) => Math.floor(total / 2));
  const larger = totals.map((total) => Math.ceil(total / 2));
  return oddAtEnd ? [...smaller, ...larger] : [...larger, ...smaller];
}

/** The window of a convolution or pooling; `auto_pad` becomes plain padding (ONNX, "Conv"). */
function windowOf(n: FileNode, kernel?: readonly number[]): Window & { readonly ceilMode: boolean } {
  const { autoPad, ...window } = frame(n, kernel);
  const { kernelShape, strides, dilations } = window;
  const none = [...kernelShape, ...kernelShape].map(() => 0);
  if (autoPad === "NOTSET" || autoPad === "") {
    return {
      ...window,
      pads: n.attributes.numbers("pads") ?? none,
      ceilMode: n.attributes.flag("ceil_mode", false),
    };
  }
  if (autoPad === "VALID") return { ...window, pads: none, ceilMode: false };
  const totals = kernelShape.map((extent, axis) => {
    const [input, stride, dilation] = [
      n.input(0).shape[axis + 2] ?? 1,
      strides[axis] ?? 1,
      dilations[axis] ?? 1,
    ];
    const output = Math.ceil(input / stride);
    return Math.max(0, (output - 1) * stride + dilation * (extent - 1) + 1 - input);
  });
  return { ...window, pads: halves(totals, autoPad === "SAME_UPPER"), ceilMode: false };
}

/** The window of a transposed convolution: padding is what is left of the full extent (ONNX, "ConvTranspose"). */
function transposedWindow(n: FileNode): (Window & { readonly outputPadding: readonly number[] }) | undefined {
  const { autoPad, ...window } = frame(n, n.input(1).shape.slice(2));
  const { kernelShape, strides, dilations } = window;
  const outputPadding = n.attributes.numbers("output_padding") ?? kernelShape.map(() => 0);
  const explicit =
    (autoPad === "NOTSET" || autoPad === "") && n.attributes.numbers("output_shape") === undefined;
  const none = [...kernelShape, ...kernelShape].map(() => 0);
  if (explicit) return { ...window, pads: n.attributes.numbers("pads") ?? none, outputPadding };
  if (autoPad === "VALID") return { ...window, pads: none, outputPadding };
  const totals = kernelShape.map((extent, axis) => {
    const [input, output] = [n.input(0).shape[axis + 2] ?? 1, n.output.shape[axis + 2] ?? 1];
    const reach = (input - 1) * (strides[axis] ?? 1) + (dilations[axis] ?? 1) * (extent - 1) + 1;
    return reach + (outputPadding[axis] ?? 0) - output;
  });
  // A larger output than the kernel reaches would be padding of the output: no exporter writes it.
  if (totals.some((total) => total < 0)) return undefined;
  return { ...window, pads: halves(totals, autoPad === "SAME_UPPER"), outputPadding };
}

const withoutCeil = ({ kernelShape, strides, dilations, pads }: Window): Window => ({
  kernelShape,
  strides,
  dilations,
  pads,
});

/** (Σ |x|^p)^(1/p), where `sum` adds over the window. */
const pNorm = (n: FileNode, g: Builder, sum: (powers: Value) => Value) => {
  const p = n.attributes.float("p", 2);
  return [g.pow(sum(g.pow(g.abs(n.input(0)), p)), 1 / p)];
};

const convolved = (n: FileNode, g: Builder, operands: readonly (Value | null)[]): readonly Value[] => {
  const window = withoutCeil(windowOf(n, n.input(1).shape.slice(2)));
  const attributes = { ...window, group: n.attributes.int("group", 1) };
  return g.apply("Conv", operands, attributes, [{ dtype: "float32", shape: n.output.shape }]);
};

/** Also of nodes that carry more behind weights and bias (ONNX Runtime's FusedConv). */
export const convolution: Importer = (n, g) => convolved(n, g, n.inputs.slice(0, 3));

/** A convolution of whole numbers, whose zero points are subtracted already, in float32. */
export const integerConvolution = convolved;

/** Convolution and pooling, in one, two or three dimensions. */
export const windows: Readonly<Record<string, Importer>> = {
  Conv: convolution,
  ConvTranspose(n, g) {
    const window = transposedWindow(n);
    return (
      window &&
      g.apply("ConvTranspose", n.inputs, { ...window, group: n.attributes.int("group", 1) }, n.outputs)
    );
  },
  MaxPool(n, g) {
    const columnMajor = n.outputs.length > 1 && n.attributes.flag("storage_order", false);
    return columnMajor ? undefined : g.apply("MaxPool", n.inputs, windowOf(n), n.outputs);
  },
  MaxUnpool: (n, g) => g.apply("MaxUnpool", n.inputs.slice(0, 2), withoutCeil(windowOf(n)), n.outputs),
  AveragePool(n, g) {
    const countIncludePad = n.attributes.flag("count_include_pad", false);
    return g.apply("AveragePool", n.inputs, { ...windowOf(n), countIncludePad }, n.outputs);
  },
  LpPool(n, g) {
    const window = windowOf(n);
    if (window.ceilMode) return undefined;
    const attributes = { ...window, countIncludePad: true };
    return pNorm(n, g, (powers) =>
      g.mul(
        g.single("AveragePool", [powers], attributes, n.output.dtype, n.output.shape),
        sizeOf(window.kernelShape),
      ),
    );
  },
  GlobalAveragePool: (n, g) => [g.reduceMean(n.input(0), spatialAxes(n.input(0).shape))],
  GlobalMaxPool: (n, g) => [g.reduceMax(n.input(0), spatialAxes(n.input(0).shape))],
  GlobalLpPool: (n, g) => pNorm(n, g, (powers) => g.reduceSum(powers, spatialAxes(n.input(0).shape))),
};
