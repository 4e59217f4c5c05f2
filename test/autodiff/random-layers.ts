import fc from "fast-check";
import type { Builder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/graph.ts";
import { float32, int64, sizeOf, type Shape } from "../../src/core/tensor.ts";
import { noise } from "../onnx/small-model.ts";
import { padded, resized, sliced, transposed, windowed, type WindowLists } from "../graph/by-axis.ts";

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

/**
 * Extents of a window's output; in ceil mode the last window may hang over the padding. One that would start beyond the
 * input is left out by some runtimes and not by others: the layer then does not fit.
 */
function slid({ shape }: Value, lists: WindowLists, ceilMode = false): number[] {
  const extents = windowed(lists).axes.map(({ kernel, stride, dilation, before, after }, axis) => {
    const extent = shape[axis + 2] ?? 1;
    const steps = (extent + before + after - dilation * (kernel - 1) - 1) / stride;
    const last = ceilMode ? Math.ceil(steps) : Math.floor(steps);
    return ceilMode && last * stride >= extent + before ? 0 : last + 1;
  });
  return [...shape.slice(0, 2), ...extents];
}

const plain = { strides: [1, 1], dilations: [1, 1], group: 1 };
const point = { ...plain, kernelShape: [1, 1], pads: [0, 0, 0, 0] };

const convolution = layer("convolution", windows, (window) => (g, x) => {
  if (!fits(slid(x, window))) return x;
  return g.conv(x, positive(g, 2, 2, ...window.kernelShape), windowed({ ...window, group: 1 }));
});

const averaging = layer(
  "averaging",
  fc.record({ window: poolWindows, countIncludePad: fc.boolean(), ceilMode: fc.boolean() }),
  ({ window, countIncludePad, ceilMode }) =>
    (g, x) => {
      const attributes = { ...window, dilations: [1, 1], ceilMode, countIncludePad };
      const shape = slid(x, attributes, ceilMode);
      return fits(shape) ? g.single("AveragePool", [x], windowed(attributes), "float32", shape) : x;
    },
);

const residual = layer("residual", fc.integer({ min: 1, max: 3 }), (dilation) => (g, x) => {
  const pads = new Array<number>(4).fill(dilation);
  const window = { ...plain, kernelShape: [3, 3], dilations: [dilation, dilation], pads };
  return g.add(x, g.conv(x, positive(g, 2, 2, 3, 3), windowed(window)));
});

const turning = layer("turning", always, () => (g, x) => g.transpose(x, [0, 1, 3, 2]));

const joining = layer("joining", always, () => (g, x) => {
  return g.conv(g.concat([x, g.mul(x, 2)], 1), positive(g, 2, 4, 1, 1), windowed(point));
});

const maximum = layer(
  "maximum",
  fc.record({ window: poolWindows, ceilMode: fc.boolean() }),
  ({ window, ceilMode }) =>
    (g, x) => {
      const shape = slid(x, window, ceilMode);
      return fits(shape) ? g.single("MaxPool", [x], windowed({ ...window, ceilMode }), "float32", shape) : x;
    },
);

const rectifying = layer("rectifying", always, () => (g, x) => g.relu(g.sub(x, g.reduceMean(x, [1, 2, 3]))));

const unfolding = layer("unfolding", windows, (window) => (g, x) => {
  const outputPadding = window.strides.map((stride) => stride - 1);
  const weights = positive(g, 2, 2, ...window.kernelShape);
  const y = g.convTranspose(x, weights, transposed({ ...window, group: 1, outputPadding }));
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
      return g.single("Pad", [x], padded(attributes), "float32", [
        1,
        2,
        height + top + bottom,
        width + left + right,
      ]);
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
      return g.sliceBy(x, sliced([0, 0, top, column], [1, 2, rows, columns], [1, 1, rowStep, columnStep]));
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
      const attributes = {
        ...rest,
        antialias: antialias && rest.mode !== "nearest",
        excludeOutside: excludeOutside && rest.mode === "cubic",
        cubicCoefficient: -0.75,
        shape,
        scales: shape.map((extent, axis) => extent / (x.shape[axis] ?? 1)),
      };
      return g.single("Resize", [x], resized(attributes), "float32", shape);
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

/** Padding may be wider than the kernel is long: some windows then hold nothing else. */
const widelyPadded = layer(
  "widely padded",
  fc.record({ kernel: fc.integer({ min: 1, max: 2 }), pad: fc.nat(5) }),
  ({ kernel, pad }) =>
    (g, x) => {
      const window = { ...plain, kernelShape: [kernel, kernel], pads: [pad, 1, 0, pad], group: 2 };
      const y = g.conv(x, positive(g, 2, 1, kernel, kernel), windowed(window));
      return fits(y.shape) ? y : x;
    },
);

const normalizing = layer(
  "normalizing",
  fc.constantFrom(
    "BatchNormalization",
    "LRN",
    "Softmax",
    "LayerNormalization",
    "InstanceNormalization",
    "CumSum",
  ),
  (op) => (g, x) => {
    const [scale, bias] = [positive(g, 2), positive(g, 2)];
    switch (op) {
      case "BatchNormalization":
        return g.single(op, [x, scale, bias, bias, scale], { epsilon: 1e-5 }, "float32", x.shape);
      case "LRN":
        return g.single(op, [x], { size: 3, alpha: 0.1, beta: 0.75, bias: 1 }, "float32", x.shape);
      case "Softmax":
        return g.mul(x, g.single(op, [x], { axis: 3 }, "float32", x.shape));
      case "LayerNormalization": {
        const last = g.transpose(x, [0, 2, 3, 1]);
        const three = g.concat(
          [last, g.reduceMean(last, [2]), last].map((part) => g.expand(part, last.shape)),
          3,
        );
        const y = g.single(
          op,
          [three, positive(g, 6), positive(g, 6)],
          { axis: 3, epsilon: 1e-3 },
          "float32",
          three.shape,
        );
        return g.transpose(g.slice(y, [0, 0, 0, 1], last.shape), [0, 3, 1, 2]);
      }
      case "InstanceNormalization":
        return g.single(op, [x, scale, bias], { epsilon: 1e-3 }, "float32", x.shape);
      case "CumSum":
        return g.single(op, [x], { axis: 2, exclusive: false, reverse: true }, "float32", x.shape);
    }
  },
);

/** One head of attention among all pixels, with a position embedding and a residual connection. */
const attending = layer("attending", fc.constantFrom("MatMul", "Einsum"), (by) => (g, x) => {
  const { height, width } = spatial(x);
  const tokens = g.transpose(g.reshape(x, [1, 2, height * width]), [0, 2, 1]);
  const placed = g.add(g.tanh(g.mul(tokens, 0.1)), positive(g, 1, height * width, 2));
  const [query = placed, key = placed, value = placed] = g.split(
    g.matmul(placed, positive(g, 2, 6)),
    2,
    [2, 2, 2],
  );
  const scores = g.mul(
    by === "MatMul"
      ? g.matmul(query, g.matrixTranspose(key))
      : g.single("Einsum", [query, key], { equation: "bid,bjd->bij" }, "float32", [
          1,
          height * width,
          height * width,
        ]),
    0.1,
  );
  const weights = g.single("Softmax", [scores], { axis: 2 }, "float32", scores.shape);
  const attended = g.add(tokens, g.matmul(g.matmul(weights, value), positive(g, 2, 2)));
  return g.reshape(g.transpose(attended, [0, 2, 1]), x.shape);
});

/** Channels as a matrix of pixels by Gemm: its factors may be transposed, its bias may be a matrix or a row. */
const mapping = layer(
  "mapping",
  fc.record({ transA: fc.boolean(), rows: fc.boolean() }),
  ({ transA, rows }) =>
    (g, x) => {
      const { height, width } = spatial(x);
      const pixels = height * width;
      const columns = g.reshape(x, [2, pixels]);
      const bias = positive(g, rows ? pixels : 1, 2);
      const y = g.single(
        "Gemm",
        [transA ? columns : g.transpose(columns, [1, 0]), positive(g, 2, 2), bias],
        { alpha: 0.5, beta: 1, transA, transB: true },
        "float32",
        [pixels, 2],
      );
      return g.reshape(g.transpose(g.mul(y, y), [1, 0]), x.shape);
    },
);

/** Products within windows of 2 x 2 pixels, as window attention partitions a map; the map may be rolled before. */
const windowing = layer("windowing", fc.nat(1), (shift) => (g, x) => {
  const { height, width } = spatial(x);
  if (height % 2 !== 0 || width % 2 !== 0) return x;
  const rolled =
    shift === 0
      ? x
      : g.concat(
          [g.slice(x, [0, 0, 1, 0], [1, 2, height - 1, width]), g.slice(x, [0, 0, 0, 0], [1, 2, 1, width])],
          2,
        );
  const [rows, columns] = [height / 2, width / 2];
  const split = g.transpose(g.reshape(rolled, [1, 2, rows, 2, columns, 2]), [0, 2, 4, 3, 5, 1]);
  const mixed = g.matmul(positive(g, 4, 4), g.reshape(split, [rows * columns, 4, 2]));
  const back = g.transpose(g.reshape(mixed, [1, rows, columns, 2, 2, 2]), [0, 5, 1, 3, 2, 4]);
  return g.reshape(back, x.shape);
});

const gating = layer(
  "gating",
  fc.constantFrom([1], [2, 3], [3]),
  (axes) => (g, x) => g.mul(x, g.sigmoid(g.reduceMean(x, axes))),
);

/** Rows or channels in another order, some twice. */
const picking = layer("picking", fc.constantFrom(1, 2), (axis) => (g, x) => {
  const extent = x.shape[axis] ?? 1;
  const order = Array.from({ length: extent }, (_, k) => (k * 5 + 1) % extent);
  return g.single("Gather", [x, g.constant(int64([extent], order))], { axis }, "float32", x.shape);
});

const parting = layer("parting", fc.constantFrom(1, 2, 3), (axis) => (g, x) => {
  const extent = x.shape[axis] ?? 1;
  if (extent < 2) return x;
  const [first = x, second = x] = g.split(x, axis, [1, extent - 1]);
  return g.concat([g.mul(second, 2), first], axis);
});

/** What comes before is read in one of its channels. */
export const choosing = layer("choosing", fc.nat(1), (channel) => (g, x) => {
  const { height, width } = spatial(x);
  const chosen = g.slice(x, [0, channel, 0, 0], [1, 1, height, width]);
  return g.concat([chosen, g.mul(chosen, 2)], 1);
});

const placing = layer("placing", always, () => (g, x) => g.mul(x, positive(g, ...x.shape.slice(1))));

const repeating = layer("repeating", always, () => (g, x) => {
  const tiled = g.single(
    "Tile",
    [x],
    { repeats: [1, 1, 1, 2] },
    "float32",
    x.shape.with(3, 2 * (x.shape[3] ?? 1)),
  );
  return fits(tiled.shape) ? tiled : x;
});

const deepening = layer("deepening", fc.constantFrom("joined", "chosen"), (channels) => (g, x) => {
  const { height, width } = spatial(x);
  if (height % 2 !== 0 || width % 2 !== 0) return x;
  const [rows, columns] = [height / 2, width / 2];
  const deep = g.single("SpaceToDepth", [x], { blockSize: 2 }, "float32", [1, 8, rows, columns]);
  return channels === "chosen"
    ? g.slice(deep, [0, 3, 0, 0], [1, 2, rows, columns])
    : g.conv(deep, positive(g, 2, 8, 1, 1), windowed(point));
});

/** Layers in which every position that is read counts. */
export const linearLayer = fc.oneof(convolution, averaging, residual, turning, joining);

/** Layers whose sums add few terms that do not cancel: rounding stays small. */
export const steadyLayer = fc.oneof(
  linearLayer,
  maximum,
  rectifying,
  unfolding,
  padding,
  slicing,
  resizing,
  flattening,
  shuffling,
  widelyPadded,
  mapping,
  windowing,
  gating,
  picking,
  parting,
  choosing,
  placing,
  repeating,
  deepening,
);

export const anyLayer = fc.oneof(steadyLayer, normalizing, attending);
