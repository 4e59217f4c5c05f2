import { at, required } from "../../core/required.ts";
import type { NodeOf, Value } from "../../graph/graph.ts";
import type { Op, Operators, PadAxis } from "../../graph/operators.ts";
import { isUnchanged } from "../../graph/resize.ts";
import { readBy, spanOf, type Interval } from "../../graph/window.ts";
import { everything } from "../receptive-field/reading.ts";
import { inputRegions } from "../receptive-field/receptive-field.ts";
import {
  clipped,
  extentsOf,
  overlaps,
  replaced,
  reshaped,
  sameRegion,
  whole,
  type Region,
} from "../receptive-field/region.ts";

/** One node cut down. Boxes are in the coordinates of the whole tensors. */
export interface Cropped<K extends Op> {
  /** What is computed: boxes that hold what is wanted. */
  readonly outputs: readonly Region[];
  /** What exactly that is computed from; `null` for an input that is absent or not read at all. */
  readonly inputs: readonly (Region | null)[];
  /** The operator's attributes on these boxes. */
  readonly attributes: Operators[K];
}

/**
 * How an operator computes a box of its output from boxes of its inputs: the same elements, from the same elements.
 * `wanted` lies inside the output (with several outputs, it is the hull of what is wanted of each).
 */
export type Crop<K extends Op> = (node: NodeOf<K>, wanted: Region) => Cropped<K>;

/** Everything from everything: for operators that mix all positions, and for forms that no box serves. */
export const uncropped = <K extends Op>(node: NodeOf<K>): Cropped<K> => ({
  outputs: node.outputs.map(({ shape }) => whole(shape)),
  inputs: everything(node),
  attributes: node.attributes,
});

/** The inputs' boxes for a box of the output, without padding. Inputs that the receptive field passes over stay whole. */
function read<K extends Op>(node: NodeOf<K>, output: Region): readonly (Region | null)[] {
  const regions = inputRegions(node, output, 0);
  return node.inputs.map((input, position) => {
    if (input === null) return null;
    const region = regions[position];
    return region === undefined ? whole(input.shape) : region && clipped(region, input.shape);
  });
}

/** What a box of the output reads of the first input, padding among it. */
const readOf = (node: NodeOf<Sliding | "ConvTranspose" | "Slice">, output: Region): Region =>
  required(inputRegions(node, output, 0)[0], `what ${node.op} reads`);

/** Computes just this box; only the attributes may have to change. */
export const cropped = <K extends Op>(
  node: NodeOf<K>,
  output: Region,
  attributes: Operators[K] = node.attributes,
): Cropped<K> => ({ outputs: [output], inputs: read(node, output), attributes });

/** The operator computes any box as it computes the whole. */
export const anywhere = <K extends Op>(node: NodeOf<K>, wanted: Region): Cropped<K> => cropped(node, wanted);

/** The box with some axes whole. */
export const wholeAlong = (node: NodeOf<Op>, region: Region, axes: readonly number[]): Region =>
  axes.reduce((box, axis) => replaced(box, axis, [0, at(node.outputs[0].shape, axis) - 1]), region);

/** Any box that is whole along the axes which the operator mixes. */
export const whereWhole =
  <K extends Op>(axes: (node: NodeOf<K>) => readonly number[]): Crop<K> =>
  (node, wanted) =>
    cropped(node, wholeAlong(node, wanted, axes(node)));

export const channels: readonly number[] = [1];

/** The smallest box that is a box in both shapes: rows of pixels and their row of tokens. */
export function reshaping(node: NodeOf<"Reshape">, wanted: Region): Cropped<"Reshape"> {
  const [from, to] = [node.inputs[0].shape, node.attributes.shape];
  let box = wanted;
  for (;;) {
    const back = reshaped(to, from, reshaped(from, to, box));
    if (sameRegion(back, box)) return cropped(node, box, { shape: extentsOf(box) });
    box = back;
  }
}

/** All parts have the same box across the axis, and are whole along it. */
export function splitting(node: NodeOf<"Split">, wanted: Region): Cropped<"Split"> {
  const { axis } = node.attributes;
  const along = ({ shape }: Value): Region => replaced(wanted, axis, [0, at(shape, axis) - 1]);
  return {
    outputs: node.outputs.map(along),
    inputs: node.inputs.map(along),
    attributes: node.attributes,
  };
}

export function slicing(node: NodeOf<"Slice">, wanted: Region): Cropped<"Slice"> {
  const box = clipped(readOf(node, wanted), node.inputs[0].shape);
  const axes = wanted.map(([first, last], k) => {
    const { start, step } = at(node.attributes.axes, k);
    return { start: start + step * first - at(box, k)[0], step, extent: last - first + 1 };
  });
  return { outputs: [wanted], inputs: [box], attributes: { axes } };
}

/** Pads only where the box meets the border. An axis whose padding copies from inside stays whole where it is read. */
export function padding(node: NodeOf<"Pad">, wanted: Region): Cropped<"Pad"> {
  const { mode, axes } = node.attributes;
  const { shape } = node.inputs[0];
  const unpadded = (region: Region): Region =>
    region.map(([first, last], k) => [first - at(axes, k).before, last - at(axes, k).before]);
  const copying = mode === "reflect" || mode === "wrap";
  const bordering = unpadded(wanted).flatMap(([first, last], k) =>
    first < 0 || last >= at(shape, k) ? [k] : [],
  );
  const output = copying ? wholeAlong(node, wanted, bordering) : wanted;
  const reached = unpadded(output);
  if (!overlaps(reached, shape)) return uncropped(node);
  return {
    outputs: [output],
    inputs: [clipped(reached, shape)],
    attributes: { ...node.attributes, axes: reached.map((interval, k) => beyond(interval, at(shape, k))) },
  };
}

/** How far an interval reaches beyond an axis of that extent. */
const beyond = ([first, last]: Interval, extent: number): PadAxis => ({
  before: Math.max(0, -first),
  after: Math.max(0, last - (extent - 1)),
});

/** Whole blocks, of all channels. */
export function unfolding(node: NodeOf<"DepthToSpace">, wanted: Region): Cropped<"DepthToSpace"> {
  const { blockSize } = node.attributes;
  const blocks = wanted.map(([first, last], axis): Interval => {
    if (axis < 2) return [first, last];
    const [from, to] = [Math.floor(first / blockSize), Math.floor(last / blockSize)];
    return [from * blockSize, to * blockSize + blockSize - 1];
  });
  return cropped(node, wholeAlong(node, blocks, channels));
}

/** Resized axes stay whole: from a part of them the coordinates would be others. */
export function resizing(node: NodeOf<"Resize">, wanted: Region): Cropped<"Resize"> {
  const { attributes } = node;
  const axes = wanted.map((own, k) => {
    const [axis, input] = [at(attributes.axes, k), at(node.inputs[0].shape, k)];
    const box: { readonly output: Interval; readonly input: Interval } = isUnchanged({
      attributes,
      axis,
      input,
    })
      ? { output: own, input: own }
      : { output: [0, axis.extent - 1], input: [0, input - 1] };
    return { axis: { ...axis, extent: box.output[1] - box.output[0] + 1 }, box };
  });
  return {
    outputs: [axes.map(({ box }) => box.output)],
    inputs: [axes.map(({ box }) => box.input)],
    attributes: { ...attributes, axes: axes.map(({ axis }) => axis) },
  };
}

type Sliding = "Conv" | "MaxPool" | "AveragePool";

/**
 * A sliding window pads only where the box meets the border, and no more than before: in ceil mode the last window may
 * hang over the padding still, and an average must not count that.
 */
export function slid<K extends Sliding>(node: NodeOf<K>, output: Region): Cropped<K> {
  const { shape } = node.inputs[0];
  const reached = readOf(node, output);
  // Windows may lie in the padding alone: there is then no box that they read.
  if (node.outputs.length > 1 || !overlaps(reached, shape)) return uncropped(node);
  const axes = node.attributes.axes.map((axis, k) => {
    const { before, after } = beyond(at(reached, k + 2), at(shape, k + 2));
    return { ...axis, before, after: Math.min(after, axis.after) };
  });
  return cropped(node, output, { ...node.attributes, axes });
}

/** Convolutions read and make all channels. */
export const convolution = (node: NodeOf<"Conv">, wanted: Region): Cropped<"Conv"> =>
  slid(node, wholeAlong(node, wanted, channels));

/** Transposed: what the box's own elements spread beyond it is padding that is cut off. */
export function transposedConvolution(
  node: NodeOf<"ConvTranspose">,
  wanted: Region,
): Cropped<"ConvTranspose"> {
  const { shape } = node.inputs[0];
  const { axes, group } = node.attributes;
  // A stride beyond the kernel leaves gaps, which no element reaches.
  const gaps = axes.some((axis) => spanOf(axis) + 1 < axis.stride);
  const output = wholeAlong(node, wanted, channels);
  const reached = readOf(node, output);
  if (gaps || !overlaps(reached, shape)) return uncropped(node);
  const box = clipped(reached, shape);
  const cut = axes.map((axis, k) => {
    const [first, last] = at(output, k + 2);
    const [from, to] = readBy(axis, at(box, k + 2));
    return { ...axis, before: first - from, after: Math.max(0, to - last), extra: Math.max(0, last - to) };
  });
  return cropped(node, output, { axes: cut, group });
}
