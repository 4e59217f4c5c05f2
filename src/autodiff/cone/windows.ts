import type { NodeOf } from "../../graph/graph.ts";
import { inputRegions } from "../receptive-field/receptive-field.ts";
import { clipped, overlaps, type Region } from "../receptive-field/region.ts";
import { channels, cropped, uncropped, wholeAlong, type Cropped } from "./crop.ts";

type Sliding = "Conv" | "MaxPool" | "AveragePool";

/**
 * A sliding window pads only where the box meets the border, and no more than before: in ceil mode the last window may
 * hang over the padding still, and an average must not count that.
 */
export function slid<K extends Sliding>(node: NodeOf<K>, output: Region): Cropped<K> {
  const shape = node.inputs[0]?.shape ?? [];
  const [reached] = inputRegions(node, output, 0);
  // Windows may lie in the padding alone: there is then no box that they read.
  if (reached == null || node.outputs.length > 1 || !overlaps(reached, shape)) return uncropped(node);
  const { kernelShape, pads } = node.attributes;
  const before = kernelShape.map((_, axis) => Math.max(0, -(reached[axis + 2]?.[0] ?? 0)));
  const after = kernelShape.map((_, axis) => {
    const beyond = (reached[axis + 2]?.[1] ?? 0) - ((shape[axis + 2] ?? 1) - 1);
    return Math.min(Math.max(0, beyond), pads[axis + kernelShape.length] ?? 0);
  });
  return cropped(node, output, { ...node.attributes, pads: [...before, ...after] });
}

/** Convolutions read and make all channels. */
export const convolution = (node: NodeOf<"Conv">, wanted: Region): Cropped<"Conv"> =>
  slid(node, wholeAlong(node, wanted, channels));

/** Transposed: what the box's own elements spread beyond it is padding that is cut off. */
export function transposedConvolution(
  node: NodeOf<"ConvTranspose">,
  wanted: Region,
): Cropped<"ConvTranspose"> {
  const shape = node.inputs[0]?.shape ?? [];
  const { kernelShape, strides, dilations, pads } = node.attributes;
  const reach = kernelShape.map((kernel, axis) => (dilations[axis] ?? 1) * (kernel - 1));
  // A stride beyond the kernel leaves gaps, which no element reaches.
  const gaps = reach.some((own, axis) => own + 1 < (strides[axis] ?? 1));
  const output = wholeAlong(node, wanted, channels);
  const [reached] = inputRegions(node, output, 0);
  if (reached == null || gaps || !overlaps(reached, shape)) return uncropped(node);
  const box = clipped(reached, shape);
  const ends = kernelShape.map((_, axis) => {
    const [stride, start] = [strides[axis] ?? 1, pads[axis] ?? 0];
    const [[first, last], [from, to]] = [output[axis + 2] ?? [0, 0], box[axis + 2] ?? [0, 0]];
    return {
      before: first - (from * stride - start),
      after: to * stride - start + (reach[axis] ?? 0) - last,
    };
  });
  return cropped(node, output, {
    ...node.attributes,
    pads: [...ends.map(({ before }) => before), ...ends.map(({ after }) => Math.max(0, after))],
    outputPadding: ends.map(({ after }) => Math.max(0, -after)),
  });
}
