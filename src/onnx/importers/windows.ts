import { at } from "../../core/required.ts";
import { float32, sizeOf, type Shape } from "../../core/tensor.ts";
import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { TransposedAxis, Window } from "../../graph/operators.ts";
import { coveredExtent, slidExtent, spanOf, windowAxes, type WindowAxis } from "../../graph/window.ts";
import type { FileNode, Importer } from "./file-node.ts";

const spatialAxes = (shape: Shape): number[] => [...shape.keys()].slice(2);

/** A list of the file with an entry for each of so many places; undefined where it is absent or empty. */
function listOf(n: FileNode, attribute: string, length: number): readonly number[] | undefined {
  const list = n.attributes.numbers(attribute);
  if (list === undefined || list.length === 0) return undefined;
  if (list.length !== length) throw n.refuse(`has ${list.length} ${attribute}, expected ${length}`);
  return list;
}

/** Kernel, strides and dilations with the specification's defaults, before padding is settled. */
function frame(n: FileNode, kernel: readonly number[] | undefined) {
  const kernelShape = n.attributes.numbers("kernel_shape") ?? kernel;
  const rank = n.input(0).shape.length - 2;
  if (kernelShape?.length !== rank) {
    throw n.refuse(
      `has a window of ${kernelShape?.length ?? "unknown"} dimensions over ${rank} spatial ones`,
    );
  }
  const [strides, dilations] = [listOf(n, "strides", rank), listOf(n, "dilations", rank)];
  return {
    axes: windowAxes({ kernelShape, strides, dilations }),
    autoPad: n.attributes.text("auto_pad", "NOTSET") || "NOTSET",
  };
}

/** The axes with the padding that the file lists. */
function listedPadding(n: FileNode, axes: readonly WindowAxis[]): readonly WindowAxis[] {
  const pads = listOf(n, "pads", 2 * axes.length);
  return pads === undefined
    ? axes
    : axes.map((axis, k) => ({ ...axis, before: at(pads, k), after: at(pads, k + axes.length) }));
}

/** An axis with so much padding in all: SAME_UPPER has the odd pixel at the end, SAME_LOWER at the beginning. */
function halved<A extends WindowAxis>(axis: A, total: number, autoPad: string): A {
  const [smaller, larger] = [Math.floor(total / 2), Math.ceil(total / 2)];
  return autoPad === "SAME_UPPER"
    ? { ...axis, before: smaller, after: larger }
    : { ...axis, before: larger, after: smaller };
}

/** The window of a convolution or pooling; `auto_pad` becomes plain padding (ONNX, "Conv"). */
function windowOf(n: FileNode, kernel?: readonly number[]): Window & { readonly ceilMode: boolean } {
  const { axes, autoPad } = frame(n, kernel);
  if (autoPad === "NOTSET")
    return { axes: listedPadding(n, axes), ceilMode: n.attributes.flag("ceil_mode", false) };
  if (autoPad === "VALID") return { axes, ceilMode: false };
  const padded = axes.map((axis, k) => {
    const input = at(n.input(0).shape, k + 2);
    return halved(axis, Math.max(0, coveredExtent(axis, Math.ceil(input / axis.stride)) - input), autoPad);
  });
  return { axes: padded, ceilMode: false };
}

/** The window of a transposed convolution: padding is what is left of the full extent (ONNX, "ConvTranspose"). */
function transposedWindow(n: FileNode): Window<TransposedAxis> | undefined {
  const { axes, autoPad } = frame(n, n.input(1).shape.slice(2));
  const extras = listOf(n, "output_padding", axes.length);
  const extended = (windows: readonly WindowAxis[]): readonly TransposedAxis[] =>
    windows.map((axis, k) => ({ ...axis, extra: extras === undefined ? 0 : at(extras, k) }));
  if (autoPad === "VALID") return { axes: extended(axes) };
  if (autoPad === "NOTSET" && n.attributes.numbers("output_shape") === undefined)
    return { axes: extended(listedPadding(n, axes)) };
  const totals = extended(axes).map(
    (axis, k) => coveredExtent(axis, at(n.input(0).shape, k + 2)) + axis.extra - at(n.output.shape, k + 2),
  );
  // A larger output than the kernel reaches would be padding of the output: no exporter writes it.
  if (totals.some((total) => total < 0)) return undefined;
  return { axes: extended(axes).map((axis, k) => halved(axis, at(totals, k), autoPad)) };
}

/** (Σ |x|^p)^(1/p), where `sum` adds over the window. */
const pNorm = (n: FileNode, g: Builder, sum: (powers: Value) => Value) => {
  const p = n.attributes.float("p", 2);
  return [g.pow(sum(g.pow(g.abs(n.input(0)), p)), 1 / p)];
};

const convolved = (n: FileNode, g: Builder, operands: readonly (Value | null)[]): readonly Value[] => {
  const { axes } = windowOf(n, n.input(1).shape.slice(2));
  const attributes = { axes, group: n.attributes.int("group", 1) };
  return g.apply("Conv", operands, attributes, [{ dtype: "float32", shape: n.output.shape }]);
};

/** Also of nodes that carry more after weights and bias (ONNX Runtime's FusedConv). */
export const convolution: Importer = (n, g) => convolved(n, g, n.inputs.slice(0, 3));

/** A convolution of whole numbers, whose zero points are subtracted already, in float32. */
export const integerConvolution = convolved;

/**
 * Columns [1, C·K, L] laid back over the image, overlaps added: a transposed convolution in C groups whose K filters are the
 * K unit impulses.
 */
const col2Im: Importer = (n, g) => {
  const [image, kernelShape] = [n.requiredNumbers(1), n.requiredNumbers(2)];
  const rank = image.length;
  const axes = windowAxes({
    kernelShape,
    strides: listOf(n, "strides", rank),
    dilations: listOf(n, "dilations", rank),
    pads: listOf(n, "pads", 2 * rank),
  });
  const [batch, columns] = [at(n.input(0).shape, 0), at(n.input(0).shape, 1)];
  const taps = sizeOf(kernelShape);
  const places = axes.map((axis, k) => slidExtent(axis, at(image, k)));
  // What is left of the padded image once the last kernel stands in it.
  const transposed = axes.map((axis, k) => ({
    ...axis,
    extra: (at(image, k) + axis.before + axis.after - spanOf(axis) - 1) % axis.stride,
  }));
  const impulses = Float32Array.from({ length: columns * taps }, (_, flat) =>
    Math.floor(flat / taps) % taps === flat % taps ? 1 : 0,
  );
  const weights = g.constant(float32([columns, 1, ...kernelShape], impulses));
  const laidOut = g.reshape(n.input(0), [batch, columns, ...places]);
  return [g.convTranspose(laidOut, weights, { axes: transposed, group: columns / taps })];
};

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
  MaxUnpool: (n, g) => g.apply("MaxUnpool", n.inputs.slice(0, 2), { axes: windowOf(n).axes }, n.outputs),
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
        sizeOf(window.axes.map(({ kernel }) => kernel)),
      ),
    );
  },
  Col2Im: col2Im,
  GlobalAveragePool: (n, g) => [g.reduceMean(n.input(0), spatialAxes(n.input(0).shape))],
  GlobalMaxPool: (n, g) => [g.reduceMax(n.input(0), spatialAxes(n.input(0).shape))],
  GlobalLpPool: (n, g) => pNorm(n, g, (powers) => g.reduceSum(powers, spatialAxes(n.input(0).shape))),
};
