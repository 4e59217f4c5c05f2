import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { cellAt, type FeatureGrid, countsCells, gridOf } from "../../../src/runtime/feature-grid.ts";
import { axisMeanings } from "../../../src/graph/axes/axes.ts";
import type { AxisMeaning } from "../../../src/graph/axes/axis.ts";
import type { Builder } from "../../../src/graph/builder.ts";
import type { Graph, Value } from "../../../src/graph/graph.ts";
import { float32, int64, sizeOf, stridesOf, type Shape, type Tensor } from "../../../src/core/tensor.ts";
import { noise } from "../../onnx/small-model.ts";
import { graphOf, runGraph } from "../run-graph.ts";
import { sliced, windowed } from "../by-axis.ts";

const [channels, height, width] = [4, 8, 12];
const imageShape: Shape = [1, channels, height, width];
const image = { name: "x", shape: imageShape, layout: "NCHW", height, width } as const;

type Build = (g: Builder, x: Value) => Value;

const described = (meaning: AxisMeaning): string =>
  meaning.counts === "cells"
    ? `${meaning.height} x ${meaning.width} cells behind ${meaning.before}`
    : `${meaning.extent} ${meaning.counts}`;

function followed(build: Build): { graph: Graph; output: Value; axes: readonly AxisMeaning[] | undefined } {
  const graph = graphOf(imageShape, build);
  const [output] = graph.outputs;
  const [input] = graph.inputs;
  if (output === undefined || input === undefined) throw new Error("no graph");
  return { graph, output, axes: axisMeanings(graph, input, [2, 3]).get(output.name) };
}

const meanings = (build: Build): string => (followed(build).axes ?? []).map(described).join(" | ");

const grid = (build: Build): FeatureGrid | null => {
  const { output, axes } = followed(build);
  return gridOf({ shape: output.shape, axes }, image);
};

/** The elements of a cell, all channels. */
function elementsOf({ shape, data }: Tensor, cell: readonly (number | null)[]): number[] {
  const strides = stridesOf(shape);
  const open = cell.findIndex((index) => index === null);
  const base = cell.reduce<number>((sum, index, axis) => sum + (index ?? 0) * (strides[axis] ?? 1), 0);
  return Array.from({ length: shape[open] ?? 1 }, (_, k) => Number(data[base + k * (strides[open] ?? 1)]));
}

/**
 * Runs operators that only move elements on an image of row numbers and on one of column numbers: cell (i, j) of the grid must
 * hold nothing but rows and columns of the image that it covers.
 */
async function expectCellsInPlace(build: Build): Promise<FeatureGrid> {
  const { graph, output, axes } = followed(build);
  const read = gridOf({ shape: output.shape, axes }, image);
  if (read === null) throw new Error(`no grid: ${meanings(build)}`);
  const numbered = async (of: (row: number, column: number) => number): Promise<Tensor> => {
    const data = Float32Array.from({ length: channels * height * width }, (_, flat) =>
      of(Math.floor(flat / width) % height, flat % width),
    );
    const [result] = await runGraph(graph, { x: float32(imageShape, data) });
    if (result === undefined) throw new Error("no output");
    return result;
  };
  const [rows, columns] = [await numbered((row) => row), await numbered((_, column) => column)];
  const covered = (position: number, cells: number, pixels: number, index: number) =>
    Math.floor((position * cells) / pixels) === index;
  for (let i = 0; i < read.height; i++) {
    for (let j = 0; j < read.width; j++) {
      const cell = cellAt(read, i, j);
      expect(elementsOf(rows, cell).every((row) => covered(row, read.height, height, i))).toBe(true);
      expect(elementsOf(columns, cell).every((column) => covered(column, read.width, width, j))).toBe(true);
    }
  }
  return read;
}

const tokens: Build = (g, x) => g.transpose(g.reshape(x, [1, channels, height * width]), [0, 2, 1]);
const lastly: Build = (g, x) => g.transpose(x, [0, 2, 3, 1]);
/** Windows of 4 x 4: [6, 16, C]. */
const windows: Build = (g, x) =>
  g.reshape(g.transpose(g.reshape(lastly(g, x), [1, 2, 4, 3, 4, channels]), [0, 1, 3, 2, 4, 5]), [
    6,
    16,
    channels,
  ]);

/** Gather with constant indices of a shape, the k-th of them as given. */
function gathered(g: Builder, x: Value, axis: number, shape: Shape, index: (k: number) => number): Value {
  const indices = g.constant(
    int64(
      shape,
      Array.from({ length: sizeOf(shape) }, (_, k) => index(k)),
    ),
  );
  const extents = x.shape.flatMap((extent, k) => (k === axis ? shape : [extent]));
  return g.single("Gather", [x, indices], { axis }, "float32", extents);
}
/** Indices [2, count]: the even ones, then the odd ones. */
const everyOther = (count: number) => (k: number) => 2 * (k % count) + Math.floor(k / count);

describe("rows and columns are followed through", () => {
  it.each<[string, Build, Partial<FeatureGrid>]>([
    ["tokens", tokens, { layout: "NTC", height: 8, width: 12 }],
    [
      "tokens behind their channels",
      (g, x) => g.reshape(x, [1, channels, 96]),
      { layout: "NCT", channels: 4 },
    ],
    ["channels last", lastly, { layout: "NHWC" }],
    [
      "a class token and a register",
      (g, x) => g.concat([g.constant(noise([1, 2, channels])), tokens(g, x)], 1),
      { layout: "NTC", prefixTokens: 2 },
    ],
    [
      "tokens behind the grid",
      (g, x) => g.concat([tokens(g, x), g.constant(noise([1, 3, channels]))], 1),
      { layout: "NTC", prefixTokens: 0 },
    ],
    [
      "prefix tokens taken off one by one",
      (g, x) => {
        const longer = g.concat([g.constant(noise([1, 3, channels])), tokens(g, x)], 1);
        return g.slice(longer, [0, 1, 0], [1, 98, channels]);
      },
      { layout: "NTC", prefixTokens: 2 },
    ],
    [
      "windows and back",
      (g, x) => {
        const apart = g.reshape(windows(g, x), [1, 2, 3, 4, 4, channels]);
        return g.reshape(g.transpose(apart, [0, 1, 3, 2, 4, 5]), [1, height, width, channels]);
      },
      { layout: "NHWC", height: 8, width: 12 },
    ],
    [
      "a spread grid and back (MaxViT)",
      (g, x) => {
        const spread = g.transpose(g.reshape(lastly(g, x), [1, 2, 4, 2, 6, channels]), [0, 2, 4, 1, 3, 5]);
        const back = g.transpose(
          g.reshape(g.reshape(spread, [24, 4, channels]), [1, 4, 6, 2, 2, channels]),
          [0, 3, 1, 4, 2, 5],
        );
        return g.reshape(back, [1, height, width, channels]);
      },
      { layout: "NHWC", height: 8, width: 12 },
    ],
    [
      "patches that become channels",
      (g, x) =>
        g.reshape(g.transpose(g.reshape(x, [1, channels, 2, 4, 3, 4]), [0, 2, 4, 1, 3, 5]), [
          1,
          2,
          3,
          16 * channels,
        ]),
      { layout: "NHWC", height: 2, width: 3, channels: 64 },
    ],
    [
      "patches that do not overlap, gathered, and back (MobileViTV2)",
      (g, x) => {
        const patches = gathered(g, gathered(g, x, 2, [2, 4], everyOther(4)), 4, [2, 6], everyOther(6));
        const flat = g.reshape(g.transpose(patches, [0, 1, 2, 4, 3, 5]), [1, channels, 4, 24]);
        const apart = g.reshape(flat, [1, channels, 2, 2, 4, 6]);
        return g.reshape(g.transpose(apart, [0, 1, 4, 2, 5, 3]), imageShape);
      },
      { layout: "NCHW", height: 8, width: 12 },
    ],
    [
      "patches that do not overlap, as they are gathered",
      (g, x) => {
        const patches = gathered(g, gathered(g, x, 2, [2, 4], everyOther(4)), 4, [2, 6], everyOther(6));
        return g.reshape(g.transpose(patches, [0, 1, 2, 4, 3, 5]), [1, 4 * channels, 24]);
      },
      { layout: "NCT", height: 4, width: 6, channels: 16 },
    ],
    [
      "a class token that is gathered away",
      (g, x) => {
        const longer = g.concat([g.constant(noise([1, 1, channels])), tokens(g, x)], 1);
        return gathered(g, longer, 1, [96], (k) => k + 1);
      },
      { layout: "NTC", prefixTokens: 0 },
    ],
    [
      "merged patches, by strided slices (Swin)",
      (g, x) =>
        g.concat(
          [0, 1, 2, 3].map((k) =>
            g.sliceBy(lastly(g, x), sliced([0, k >> 1, k & 1, 0], [1, 4, 6, channels], [1, 2, 2, 1])),
          ),
          3,
        ),
      { layout: "NHWC", height: 4, width: 6, channels: 16 },
    ],
  ])("%s", async (_, build, expected) => {
    expect(await expectCellsInPlace(build)).toMatchObject(expected);
  });

  it("operators that compute", () => {
    const weights = (shape: Shape) => noise(shape);
    const window = { strides: [2, 2], dilations: [1, 1], pads: [1, 1, 1, 1], kernelShape: [3, 3], group: 1 };
    expect(meanings((g, x) => g.conv(x, g.constant(weights([6, 4, 3, 3])), windowed(window)))).toBe(
      "1 other | 6 other | 4 rows | 6 columns",
    );
    expect(meanings((g, x) => g.matmul(tokens(g, x), g.constant(weights([4, 7]))))).toBe(
      "1 other | 8 x 12 cells behind 0 | 7 other",
    );
    expect(meanings((g, x) => g.mul(x, g.reduceMean(x, [2, 3])))).toBe(
      "1 other | 4 other | 8 rows | 12 columns",
    );
    expect(meanings((g, x) => g.reduceMean(x, [1], false))).toBe("1 other | 8 rows | 12 columns");
    const shuffled: Build = (g, x) =>
      g.reshape(g.transpose(g.reshape(x, [1, 1, 2, 2, height, width]), [0, 1, 4, 2, 5, 3]), [1, 1, 16, 24]);
    expect(meanings(shuffled)).toBe("1 other | 1 other | 16 rows | 24 columns");
    const gathered: Build = (g, x) =>
      g.single("Gather", [x, g.constant(int64([3], [4, 2, 0]))], { axis: 2 }, "float32", [1, 4, 3, 12]);
    expect(meanings(gathered)).toBe("1 other | 4 other | 3 rows | 12 columns");
    const product: Build = (g, x) =>
      g.single(
        "Einsum",
        [x, g.constant(weights([4, 5]))],
        { equation: "bchw,cd->bhwd" },
        "float32",
        [1, 8, 12, 5],
      );
    expect(meanings(product)).toBe("1 other | 8 rows | 12 columns | 5 other");
    const rolled: Build = (g, x) =>
      g.concat([g.slice(x, [0, 0, 3, 0], [1, 4, 5, 12]), g.slice(x, [0, 0, 0, 0], [1, 4, 3, 12])], 2);
    expect(meanings(rolled)).toBe("1 other | 4 other | 8 rows | 12 columns");
  });

  it("a branch whose positions were mixed, where it joins one whose were not (MLP-Mixer)", () => {
    const mixed: Build = (g, x) => {
      const columns = g.transpose(tokens(g, x), [0, 2, 1]);
      return g.transpose(g.matmul(columns, g.constant(noise([96, 96]))), [0, 2, 1]);
    };
    expect(meanings(mixed)).toBe("1 other | 96 other | 4 other");
    expect(grid((g, x) => g.add(mixed(g, x), tokens(g, x)))).toMatchObject({ layout: "NTC", height: 8 });
  });
});

describe("a direction of one cell", () => {
  const pooled: Build = (g, x) =>
    g.single(
      "MaxPool",
      [x],
      windowed({
        kernelShape: [8, 1],
        strides: [8, 1],
        dilations: [1, 1],
        pads: [0, 0, 0, 0],
        ceilMode: false,
      }),
      "float32",
      [1, channels, 1, width],
    );

  it("is still that direction, on an axis of its own or as a part of the tokens", () => {
    expect(meanings(pooled)).toBe("1 other | 4 other | 1 rows | 12 columns");
    expect(grid(pooled)).toMatchObject({ layout: "NCHW", height: 1, width: 12 });
    const lastly: Build = (g, x) => g.transpose(pooled(g, x), [0, 2, 3, 1]);
    expect(grid(lastly)).toMatchObject({ layout: "NHWC", height: 1, width: 12 });
    const sequence: Build = (g, x) => g.transpose(g.reshape(pooled(g, x), [1, channels, width]), [0, 2, 1]);
    expect(meanings(sequence)).toBe("1 other | 1 x 12 cells behind 0 | 4 other");
    expect(grid(sequence)).toMatchObject({ layout: "NTC", height: 1, width: 12 });
    const thinned: Build = (g, x) =>
      g.sliceBy(sequence(g, x), sliced([0, 1, 0], [1, 6, channels], [1, 2, 1]));
    expect(meanings(thinned)).toBe("1 other | 1 x 6 cells behind 0 | 4 other");
  });

  it("of columns too, and both of a pooled map say nothing of its channels", () => {
    const upright: Build = (g, x) =>
      g.reshape(
        g.single(
          "MaxPool",
          [x],
          windowed({
            kernelShape: [1, 12],
            strides: [1, 12],
            dilations: [1, 1],
            pads: [0, 0, 0, 0],
            ceilMode: false,
          }),
          "float32",
          [1, channels, height, 1],
        ),
        [1, channels, height],
      );
    expect(meanings(upright)).toBe("1 other | 4 other | 8 x 1 cells behind 0");
    const single: Build = (g, x) =>
      g.reshape(
        g.single(
          "MaxPool",
          [pooled(g, x)],
          windowed({
            kernelShape: [1, 12],
            strides: [1, 12],
            dilations: [1, 1],
            pads: [0, 0, 0, 0],
            ceilMode: false,
          }),
          "float32",
          [1, channels, 1, 1],
        ),
        [1, channels],
      );
    expect(meanings(single)).toBe("1 other | 4 other");
  });
});

describe("no grid is read from", () => {
  it.each<[string, Build, string]>([
    [
      "weights between tokens",
      (g, x) => {
        const t = g.reshape(tokens(g, x), [1, 1, 96, channels]);
        return g.matmul(t, g.matrixTranspose(t));
      },
      "1 other | 1 other | 8 x 12 cells behind 0 | 8 x 12 cells behind 0",
    ],
    [
      "heads",
      (g, x) => g.transpose(g.reshape(tokens(g, x), [1, 96, 2, 2]), [0, 2, 1, 3]),
      "1 other | 2 other | 8 x 12 cells behind 0 | 2 other",
    ],
    ["windows", windows, "2 x 3 cells behind 0 | 16 other | 4 other"],
    [
      "columns before rows",
      (g, x) => g.transpose(x, [0, 1, 3, 2]),
      "1 other | 4 other | 12 columns | 8 rows",
    ],
    ["a strip", (g, x) => g.slice(x, [0, 0, 0, 0], [1, 4, 1, 12]), "1 other | 4 other | 1 rows | 12 columns"],
  ])("%s", (_, build, expected) => {
    expect(meanings(build)).toBe(expected);
    expect(grid(build)).toBeNull();
  });

  it("what an unknown operator makes: there the shape has to do", () => {
    const build: Build = (g, x) =>
      g.single("GatherND", [x, g.constant(int64([1, 1], [0]))], { batchDims: 0 }, "float32", imageShape);
    expect(followed(build).axes).toBeUndefined();
    expect(grid(build)).toMatchObject({ layout: "NCHW" });
  });
});

/** Rows and columns split in parts, in any order, and joined again in any way; channels before or behind them. */
const rearranged = fc
  .record({
    rows: fc.constantFrom(1, 2, 4, 8),
    columns: fc.constantFrom(1, 2, 3, 4, 6, 12),
    order: fc.shuffledSubarray([2, 3, 4, 5], { minLength: 4 }),
    cut: fc.integer({ min: 1, max: 4 }),
    channelsLast: fc.boolean(),
  })
  .map(({ rows, columns, order, cut, channelsLast }): Build => {
    const parts = [1, channels, rows, height / rows, columns, width / columns];
    const extents = order.map((axis) => parts[axis] ?? 1);
    const joined = [extents.slice(0, cut), extents.slice(cut)].map(sizeOf).slice(0, cut < 4 ? 2 : 1);
    return (g, x) => {
      const apart = g.reshape(x, parts);
      return channelsLast
        ? g.reshape(g.transpose(apart, [0, ...order, 1]), [1, ...joined, channels])
        : g.reshape(g.transpose(apart, [0, 1, ...order]), [1, channels, ...joined]);
    };
  });

test("whatever the order: cells that are read lie where the grid says", async () => {
  let read = 0;
  await fc.assert(
    fc.asyncProperty(rearranged, async (build) => {
      const { output, axes } = followed(build);
      if (!countsCells({ shape: output.shape, axes }) || grid(build) === null) return;
      read++;
      await expectCellsInPlace(build);
    }),
    { numRuns: 200 },
  );
  expect(read).toBeGreaterThan(5);
});
