import fc from "fast-check";
import type { Builder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/graph.ts";
import type { Operators, Window } from "../../src/graph/operators.ts";
import { float32, sizeOf, type Shape } from "../../src/math/tensor.ts";
import { noise } from "../onnx/small-model.ts";

/** One layer of a random network on maps [1, 2, H, W]; it leaves a value alone where it does not fit. */
export type Layer = (g: Builder, x: Value) => Value;

/** A kind of layer that says in a counterexample what it is. */
const layer = <T>(name: string, settings: fc.Arbitrary<T>, form: (settings: T) => Layer) =>
  settings.map((chosen) =>
    Object.assign(form(chosen), { [fc.toStringMethod]: () => `${name} ${JSON.stringify(chosen)}` }),
  );

const always = fc.constant(null);

const positive = (g: Builder, ...shape: number[]): Value =>
  g.constant(
    float32(
      shape,
      noise(shape, 3).data.map((value) => 1.2 + value),
    ),
  );

const fits = (shape: Shape): boolean => shape.every((extent) => extent >= 1) && sizeOf(shape) < 4000;

const spatial = ({ shape: [, , height = 1, width = 1] }: Value) => ({ height, width });

/** Sliding along one axis; padding never holds a whole window. */
const sliding = fc
  .record({
    kernel: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    before: fc.integer({ min: 0, max: 2 }),
    after: fc.integer({ min: 0, max: 2 }),
  })
  .map(({ before, after, ...rest }) => {
    const most = rest.dilation * (rest.kernel - 1);
    return { ...rest, before: Math.min(before, most), after: Math.min(after, most) };
  });

const windows = fc.tuple(sliding, sliding).map(([a, b]) => ({
  kernelShape: [a.kernel, b.kernel],
  strides: [a.stride, b.stride],
  dilations: [a.dilation, b.dilation],
  pads: [a.before, b.before, a.after, b.after],
}));

/** Pools take less padding than their kernel is long. */
const poolWindows = windows.map((window) => ({
  ...window,
  pads: window.pads.map((pad, k) => Math.min(pad, (window.kernelShape[k % 2] ?? 1) - 1)),
}));

/** Extents of a window's output, rounding down. */
function slid({ shape }: Value, { kernelShape, strides, dilations, pads }: Window): number[] {
  const extents = kernelShape.map((kernel, axis) => {
    const padded = (shape[axis + 2] ?? 1) + (pads[axis] ?? 0) + (pads[axis + 2] ?? 0);
    const reach = (dilations[axis] ?? 1) * (kernel - 1) + 1;
    return Math.floor((padded - reach) / (strides[axis] ?? 1)) + 1;
  });
  return [...shape.slice(0, 2), ...extents];
}

const plain = { strides: [1, 1], dilations: [1, 1], group: 1 };

const convolution = layer("convolution", windows, (window) => (g, x) => {
  if (!fits(slid(x, window))) return x;
  return g.conv(x, positive(g, 2, 2, ...window.kernelShape), { ...window, group: 1 });
});

const averaging = layer(
  "averaging",
  fc.record({ window: poolWindows, countIncludePad: fc.boolean() }),
  ({ window, countIncludePad }) =>
    (g, x) => {
      const attributes = { ...window, dilations: [1, 1], ceilMode: false, countIncludePad };
      const shape = slid(x, attributes);
      return fits(shape) ? g.single("AveragePool", [x], attributes, "float32", shape) : x;
    },
);

const residual = layer("residual", fc.integer({ min: 1, max: 3 }), (dilation) => (g, x) => {
  const pads = new Array<number>(4).fill(dilation);
  const window = { ...plain, kernelShape: [3, 3], dilations: [dilation, dilation], pads };
  return g.add(x, g.conv(x, positive(g, 2, 2, 3, 3), window));
});

const turning = layer("turning", always, () => (g, x) => g.transpose(x, [0, 1, 3, 2]));

const joining = layer("joining", always, () => (g, x) => {
  const point = { ...plain, kernelShape: [1, 1], pads: [0, 0, 0, 0] };
  return g.conv(g.concat([x, g.mul(x, 2)], 1), positive(g, 2, 4, 1, 1), point);
});

const maximum = layer("maximum", poolWindows, (window) => (g, x) => {
  const shape = slid(x, window);
  return fits(shape) ? g.single("MaxPool", [x], { ...window, ceilMode: false }, "float32", shape) : x;
});

const rectifying = layer("rectifying", always, () => (g, x) => g.relu(g.sub(x, g.reduceMean(x, [1, 2, 3]))));

const unfolding = layer("unfolding", windows, (window) => (g, x) => {
  const outputPadding = window.strides.map((stride) => stride - 1);
  const weights = positive(g, 2, 2, ...window.kernelShape);
  const y = g.convTranspose(x, weights, { ...window, group: 1, outputPadding });
  return fits(y.shape) ? y : x;
});

const padding = layer(
  "padding",
  fc.record({
    mode: fc.constantFrom("constant", "reflect", "edge", "wrap"),
    pads: fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3)),
  }),
  ({ mode, pads: [top, left, bottom, right] }) =>
    (g, x) => {
      const { height, width } = spatial(x);
      if (height <= 3 || width <= 3) return x;
      const attributes = { mode, pads: [0, 0, top, left, 0, 0, bottom, right], value: 0 };
      return g.single("Pad", [x], attributes, "float32", [1, 2, height + top + bottom, width + left + right]);
    },
);

const slicing = layer(
  "slicing",
  fc.record({
    from: fc.tuple(fc.nat(4), fc.nat(4)),
    steps: fc.tuple(fc.constantFrom(1, 2, 3, -1, -2), fc.constantFrom(1, 2)),
  }),
  ({ from: [row, column], steps: [rowStep, columnStep] }) =>
    (g, x) => {
      const { height, width } = spatial(x);
      if (row >= height || column >= width) return x;
      const rows = Math.ceil((height - row) / Math.abs(rowStep));
      const columns = Math.ceil((width - column) / columnStep);
      const top = rowStep < 0 ? height - 1 - row : row;
      return g.slice(x, [0, 0, top, column], [1, 2, rows, columns], [1, 1, rowStep, columnStep]);
    },
);

const resizing = layer(
  "resizing",
  fc.record({
    mode: fc.constantFrom("nearest", "linear", "cubic"),
    coordinateTransformation: fc.constantFrom(
      "half_pixel",
      "half_pixel_symmetric",
      "pytorch_half_pixel",
      "align_corners",
      "asymmetric",
    ),
    nearestMode: fc.constantFrom("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"),
    antialias: fc.boolean(),
    excludeOutside: fc.boolean(),
    size: fc.tuple(fc.integer({ min: 2, max: 24 }), fc.integer({ min: 2, max: 24 })),
  }),
  ({ size, antialias, excludeOutside, ...rest }) =>
    (g, x) => {
      const shape = [1, 2, ...size];
      const attributes: Operators["Resize"] = {
        ...rest,
        antialias: antialias && rest.mode !== "nearest",
        excludeOutside: excludeOutside && rest.mode === "cubic",
        cubicCoefficient: -0.75,
        shape,
        scales: shape.map((extent, axis) => extent / (x.shape[axis] ?? 1)),
      };
      return g.single("Resize", [x], attributes, "float32", shape);
    },
);

/** Through another shape and back: pixels in one row, rows of all channels in one column. */
const flattening = layer("flattening", fc.constantFrom("pixels", "rows"), (into) => (g, x) => {
  const { height, width } = spatial(x);
  const flat = g.reshape(x, into === "pixels" ? [1, 2, height * width] : [1, 2 * height, width]);
  return g.reshape(g.relu(flat), x.shape);
});

const shuffling = layer("shuffling", fc.constantFrom("DCR", "CRD"), (mode) => (g, x) => {
  const { height, width } = spatial(x);
  const shape = [1, 2, 2 * height, 2 * width];
  const deep = g.single(
    "DepthToSpace",
    [g.concat([x, x, x, x], 1)],
    { blockSize: 2, mode },
    "float32",
    shape,
  );
  return fits(shape) ? g.slice(deep, [0, 0, 1, 0], [1, 2, 2 * height - 1, 2 * width]) : x;
});

/** Layers in which every position that is read counts. */
export const linearLayer = fc.oneof(convolution, averaging, residual, turning, joining);

export const anyLayer = fc.oneof(
  linearLayer,
  maximum,
  rectifying,
  unfolding,
  padding,
  slicing,
  resizing,
  flattening,
  shuffling,
);
