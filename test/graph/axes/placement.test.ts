import { describe, expect, it } from "vitest";
import { placementsOf } from "../../../src/runtime/feature-grid.ts";
import { axisMeanings } from "../../../src/graph/axes/axes.ts";
import type { Placement } from "../../../src/graph/axes/axis.ts";
import type { Builder } from "../../../src/graph/builder.ts";
import type { Graph, Value } from "../../../src/graph/graph.ts";
import type { Operators } from "../../../src/graph/operators.ts";
import { float32, int64, sizeOf, type Shape } from "../../../src/core/tensor.ts";
import { graphOf, runGraph } from "../run-graph.ts";
import { resized, sliced, transposed, windowed } from "../by-axis.ts";

const [height, width] = [48, 40];
const imageShape: Shape = [1, 1, height, width];

type Build = (g: Builder, x: Value) => Value;

interface Followed {
  readonly graph: Graph;
  readonly output: Value;
  readonly placements: readonly [Placement | null, Placement | null];
}

function followed(build: Build): Followed {
  const graph = graphOf(imageShape, build);
  const [[input], [output]] = [graph.inputs, graph.outputs];
  if (input === undefined || output === undefined) throw new Error("no graph");
  return { graph, output, placements: placementsOf(axisMeanings(graph, input, [2, 3]).get(output.name)) };
}

/** Mean over the channels at the middle of the other axis, along rows (axis 2) or columns (axis 3). */
async function profile({ graph, output }: Followed, along: 2 | 3): Promise<readonly number[]> {
  const pixels = Float32Array.from({ length: height * width }, (_, flat) =>
    along === 2 ? Math.floor(flat / width) : flat % width,
  );
  const [result] = await runGraph(graph, { x: float32(imageShape, pixels) });
  const [, channels = 1, rows = 1, columns = 1] = output.shape;
  const data = result?.data ?? [];
  return Array.from({ length: along === 2 ? rows : columns }, (_, i) => {
    const [row, column] = along === 2 ? [i, columns >> 1] : [rows >> 1, i];
    const values = Array.from({ length: channels }, (__, k) =>
      Number(data[(k * rows + row) * columns + column]),
    );
    return values.reduce((sum, value) => sum + value, 0) / channels;
  });
}

/**
 * ONNX Runtime says where cells lie: on an image whose pixels are their own row (or column), an operator that averages makes
 * cells of their mean position. Copies of a cell lie around it: their deviations cancel over a period.
 */
async function expectCellsInPlace(build: Build, [border, period]: readonly [number, number]): Promise<void> {
  const one = followed(build);
  for (const [k, along] of [2, 3].entries()) {
    const placement = one.placements[k];
    if (placement?.first == null) throw new Error("no placement");
    const { first, stride } = placement;
    const found = await profile(one, along === 2 ? 2 : 3);
    const off = found
      .map((position, i) => position - (first + stride * i))
      .slice(border, found.length - border);
    expect(off.length).toBeGreaterThanOrEqual(period);
    for (let i = 0; i + period <= off.length; i++) {
      const mean = off.slice(i, i + period).reduce((sum, one) => sum + one, 0) / period;
      expect(Math.abs(mean)).toBeLessThan(1e-4);
    }
  }
}

interface Window {
  readonly kernelShape: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations?: readonly [number, number];
  readonly pads?: readonly [number, number, number, number];
}

const whole = ({ dilations = [1, 1], pads = [0, 0, 0, 0], ...rest }: Window) => ({
  ...rest,
  dilations,
  pads,
});

const averaging = (window: Window): Build => {
  const size = sizeOf(window.kernelShape);
  return (g, x) =>
    g.conv(
      x,
      g.constant(float32([1, 1, ...window.kernelShape], Array(size).fill(1 / size))),
      windowed({
        ...whole(window),
        group: 1,
      }),
    );
};

const spread =
  (window: Window, weights: readonly number[]): Build =>
  (g, x) =>
    g.convTranspose(
      x,
      g.constant(float32([1, 1, ...window.kernelShape], weights)),
      transposed({
        ...whole(window),
        group: 1,
        outputPadding: [0, 0],
      }),
    );

const resize =
  (shape: readonly [number, number], more: Partial<Omit<Operators["Resize"], "axes">>): Build =>
  (g, x) => {
    const extents = [1, 1, ...shape];
    const attributes = {
      mode: "linear" as const,
      shape: extents,
      scales: extents.map((extent, axis) => extent / (x.shape[axis] ?? NaN)),
      coordinateTransformation: "half_pixel" as const,
      nearestMode: "floor" as const,
      cubicCoefficient: -0.75,
      excludeOutside: false,
      antialias: false,
      ...more,
    };
    return g.single("Resize", [x], resized(attributes), "float32", extents);
  };

const gather =
  (axis: number, indices: readonly (readonly number[])[]): Build =>
  (g, x) => {
    const shape = [indices.length, indices[0]?.length ?? 0];
    const taken = g.constant(int64(shape, indices.flat()));
    const extents = x.shape.flatMap((extent, k) => (k === axis ? shape : [extent]));
    return g.single("Gather", [x, taken], { axis }, "float32", extents);
  };

/** F.unfold as exporters write it: positions of a kernel, and windows, [1, C · 9, rows, columns]. */
const unfold: Build = (g, x) => {
  const windows = (extent: number) =>
    [0, 1, 2].map((k) => Array.from({ length: extent - 2 }, (_, i) => i + k));
  const taken = gather(4, windows(width))(g, gather(2, windows(height))(g, x));
  return g.reshape(g.transpose(taken, [0, 1, 2, 4, 3, 5]), [1, 9, height - 2, width - 2]);
};

const then =
  (...builds: readonly Build[]): Build =>
  (g, x) =>
    builds.reduce((value, build) => build(g, value), x);

const halves = averaging({ kernelShape: [2, 2], strides: [2, 2] });

describe("cells lie where ONNX Runtime has them", () => {
  it.each<[string, Build, readonly [border: number, period: number]]>([
    ["strides that differ", averaging({ kernelShape: [3, 3], strides: [2, 1], pads: [1, 1, 1, 1] }), [1, 1]],
    ["kernels that differ, not padded", averaging({ kernelShape: [4, 2], strides: [4, 1] }), [0, 1]],
    [
      "dilations, padded before alone",
      averaging({ kernelShape: [3, 2], strides: [1, 2], dilations: [3, 2], pads: [4, 1, 0, 0] }),
      [4, 1],
    ],
    [
      "a pool",
      (g, x) =>
        g.single(
          "AveragePool",
          [x],
          windowed({
            ...whole({ kernelShape: [2, 3], strides: [2, 1], pads: [0, 1, 0, 1] }),
            ceilMode: false,
            countIncludePad: false,
          }),
          "float32",
          [1, 1, 24, 40],
        ),
      [1, 1],
    ],
    [
      "a transposed convolution that copies",
      then(halves, spread({ kernelShape: [2, 2], strides: [2, 2] }, [1, 1, 1, 1])),
      [0, 2],
    ],
    [
      "a transposed convolution that interpolates",
      then(halves, spread({ kernelShape: [3, 1], strides: [2, 1], pads: [1, 0, 1, 0] }, [0.5, 1, 0.5])),
      [1, 1],
    ],
    ["half pixels", then(halves, resize([48, 60], {})), [2, 1]],
    [
      "aligned corners",
      then(halves, resize([47, 39], { coordinateTransformation: "align_corners" })),
      [0, 1],
    ],
    [
      "asymmetric, linear",
      then(halves, resize([48, 40], { coordinateTransformation: "asymmetric" })),
      [2, 1],
    ],
    ["nearest", resize([96, 120], { mode: "nearest", coordinateTransformation: "asymmetric" }), [0, 6]],
    [
      "nearest, half pixels",
      resize([96, 80], { mode: "nearest", nearestMode: "round_prefer_floor" }),
      [0, 2],
    ],
    [
      "blocks to channels, and half way back",
      (g, x) => {
        const deep = g.single("SpaceToDepth", [x], { blockSize: 4 }, "float32", [1, 16, 12, 10]);
        return deep;
      },
      [0, 1],
    ],
    [
      "channels to blocks",
      (g, x) => {
        const four = g.concat([x, x, x, x], 1);
        return g.single("DepthToSpace", [four], { blockSize: 2, mode: "DCR" }, "float32", [1, 1, 96, 80]);
      },
      [0, 2],
    ],
    [
      "patches to channels, by Reshape and Transpose",
      (g, x) =>
        g.reshape(g.transpose(g.reshape(x, [1, 1, 12, 4, 20, 2]), [0, 1, 3, 5, 2, 4]), [1, 8, 12, 20]),
      [0, 1],
    ],
    ["every other pixel", (g, x) => g.sliceBy(x, sliced([0, 0, 1, 0], [1, 1, 24, 20], [1, 1, 2, 2])), [0, 1]],
    [
      "padded and cropped",
      (g, x) => g.slice(g.pad(x, [0, 0, 3, 1], [0, 0, 2, 0]), [0, 0, 1, 1], [1, 1, 50, 39]),
      [2, 1],
    ],
    ["windows that overlap, gathered", unfold, [0, 1]],
    [
      "joined end to end",
      (g, x) =>
        g.concat([g.slice(x, [0, 0, 4, 0], [1, 1, 10, 40]), g.slice(x, [0, 0, 14, 0], [1, 1, 20, 40])], 2),
      [0, 1],
    ],
    [
      "a stride beside a pooled path",
      (g, x) => {
        const small = averaging({ kernelShape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] })(g, x);
        return g.add(small, g.mul(g.reduceMean(small, [2, 3]), 0));
      },
      [1, 1],
    ],
  ])("%s", (_, build, within) => expectCellsInPlace(build, within));

  it("of a rolled axis only the stride is known", () => {
    const roll: Build = (g, x) =>
      g.concat([g.slice(x, [0, 0, 5, 0], [1, 1, 43, 40]), g.slice(x, [0, 0, 0, 0], [1, 1, 5, 40])], 2);
    const indices = Array.from({ length: height }, (_, i) => (i + 5) % height);
    const gathered: Build = (g, x) =>
      g.single("Gather", [x, g.constant(int64([height], indices))], { axis: 2 }, "float32", imageShape);
    for (const build of [then(halves, resize([48, 40], {}), roll), gathered]) {
      expect(followed(build).placements[0]).toEqual({ first: null, stride: 1, image: height });
    }
  });

  it("of paths that meet, the one that covers the image best counts", () => {
    const build: Build = (g, x) => {
      const padded = g.pad(
        averaging({ kernelShape: [2, 2], strides: [2, 2] })(g, x),
        [0, 0, 2, 0],
        [0, 0, 2, 0],
      );
      const stretched = resize([24, 20], {})(g, padded);
      return g.concat([stretched, halves(g, x)], 1);
    };
    expect(followed(build).placements[0]).toEqual({ first: 0.5, stride: 2, image: height });
  });
});
