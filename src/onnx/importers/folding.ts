import { float32, sizeOf } from "../../core/tensor.ts";
import type { Importer } from "./file-node.ts";

/** The same number for each of `count` axes. */
const each = (count: number, value: number): number[] => Array.from({ length: count }, () => value);

/**
 * Columns [1, C·K, L] laid back over the image, overlaps added: a transposed convolution in C groups whose K filters are the
 * K unit impulses.
 */
const col2Im: Importer = (n, g) => {
  const [image, kernelShape] = [n.numbers(1) ?? [], n.numbers(2) ?? []];
  const rank = image.length;
  const strides = n.attributes.numbers("strides") ?? each(rank, 1);
  const dilations = n.attributes.numbers("dilations") ?? each(rank, 1);
  const pads = n.attributes.numbers("pads") ?? each(2 * rank, 0);
  const [batch = 1, columns = 1] = n.input(0).shape;
  const taps = sizeOf(kernelShape);
  const group = columns / taps;

  // What is left of the padded image once one kernel stands in it: whole strides, and a rest.
  const room = image.map((extent, axis) => {
    const reach = (dilations[axis] ?? 1) * ((kernelShape[axis] ?? 1) - 1) + 1;
    return extent + (pads[axis] ?? 0) + (pads[axis + rank] ?? 0) - reach;
  });
  const places = room.map((pixels, axis) => Math.floor(pixels / (strides[axis] ?? 1)) + 1);
  const outputPadding = room.map((pixels, axis) => pixels % (strides[axis] ?? 1));

  const impulses = Float32Array.from({ length: columns * taps }, (_, flat) =>
    Math.floor(flat / taps) % taps === flat % taps ? 1 : 0,
  );
  const weights = g.constant(float32([columns, 1, ...kernelShape], impulses));
  const laidOut = g.reshape(n.input(0), [batch, columns, ...places]);
  return [g.convTranspose(laidOut, weights, { kernelShape, strides, dilations, pads, outputPadding, group })];
};

/** Patches laid back over an image. */
export const folding: Readonly<Record<string, Importer>> = { Col2Im: col2Im };
