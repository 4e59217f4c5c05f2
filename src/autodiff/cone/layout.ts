import type { NodeOf } from "../../graph/graph.ts";
import { reshaped } from "../receptive-field/reshape.ts";
import {
  clipped,
  extentsOf,
  overlaps,
  replaced,
  sameRegion,
  whole,
  type Interval,
  type Region,
} from "../receptive-field/region.ts";
import { channels, cropped, uncropped, wholeAlong, type Cropped } from "./crop.ts";

/** The smallest box that is a box in both shapes: rows of pixels and their row of tokens. */
export function reshaping(node: NodeOf<"Reshape">, wanted: Region): Cropped<"Reshape"> {
  const [from, to] = [node.inputs[0]?.shape ?? [], node.attributes.shape];
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
  const along = (extent = 1): Region => replaced(wanted, axis, [0, extent - 1]);
  return {
    outputs: node.outputs.map(({ shape }) => along(shape[axis])),
    inputs: node.inputs.map((x) => along(x?.shape[axis])),
    attributes: node.attributes,
  };
}

export function slicing(node: NodeOf<"Slice">, wanted: Region): Cropped<"Slice"> {
  const { starts, steps } = node.attributes;
  const { inputs } = cropped(node, wanted);
  const relative = wanted.map(
    ([first], axis) => (starts[axis] ?? 0) + (steps[axis] ?? 1) * first - (inputs[0]?.[axis]?.[0] ?? 0),
  );
  return { outputs: [wanted], inputs, attributes: { starts: relative, steps, shape: extentsOf(wanted) } };
}

/** Pads only where the box meets the border. An axis whose padding copies from inside stays whole where it is read. */
export function padding(node: NodeOf<"Pad">, wanted: Region): Cropped<"Pad"> {
  const { mode, pads } = node.attributes;
  const shape = node.inputs[0]?.shape ?? [];
  const unpadded = (region: Region): Region =>
    region.map(([first, last], axis): Interval => [first - (pads[axis] ?? 0), last - (pads[axis] ?? 0)]);
  const copying = mode === "reflect" || mode === "wrap";
  const bordering = unpadded(wanted).flatMap(([first, last], axis) =>
    first < 0 || last >= (shape[axis] ?? 1) ? [axis] : [],
  );
  const output = copying ? wholeAlong(node, wanted, bordering) : wanted;
  const reached = unpadded(output);
  if (!overlaps(reached, shape)) return uncropped(node);
  const before = reached.map(([first]) => Math.max(0, -first));
  const after = reached.map(([, last], axis) => Math.max(0, last - ((shape[axis] ?? 1) - 1)));
  return {
    outputs: [output],
    inputs: [clipped(reached, shape)],
    attributes: { ...node.attributes, pads: [...before, ...after] },
  };
}

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
  const { scales, shape } = node.attributes;
  const input = whole(node.inputs[0]?.shape ?? []);
  const resized = input.map(([, last], axis) => scales[axis] !== 1 || shape[axis] !== last + 1);
  const output = wanted.map((own, axis): Interval =>
    resized[axis] === true ? [0, (shape[axis] ?? 1) - 1] : own,
  );
  return {
    outputs: [output],
    inputs: [input.map((all, axis) => (resized[axis] === true ? all : (output[axis] ?? all)))],
    attributes: { ...node.attributes, shape: extentsOf(output) },
  };
}
