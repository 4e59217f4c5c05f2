import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { dependenceOn, receptiveField } from "../../../src/autodiff/receptive-field/receptive-field.ts";
import type { Region } from "../../../src/autodiff/receptive-field/region.ts";
import { openModel } from "../../../src/runtime/open.ts";
import type { Builder } from "../../../src/graph/builder.ts";
import type { Graph, Value } from "../../../src/graph/graph.ts";
import { int64, type Shape } from "../../../src/core/tensor.ts";
import { graphOf } from "../../graph/run-graph.ts";
import { noise } from "../../onnx/small-model.ts";
import { referencePath, withoutReference } from "../../reference.ts";
import { padded, sliced, windowed } from "../../graph/by-axis.ts";

const vgg16 = fileURLToPath(new URL("../../../models/vgg16-sample.onnx", import.meta.url));

/** Size and stride after each layer of VGG-16 (Araujo, Norris & Sim 2019, "Computing Receptive Fields of CNNs"). */
const vggFields: readonly (readonly [layer: string, size: number, stride: number])[] = [
  ["block1_conv1", 3, 1],
  ["block1_conv2", 5, 1],
  ["block1_pool", 6, 2],
  ["block2_conv2", 14, 2],
  ["block2_pool", 16, 4],
  ["block3_conv3", 40, 4],
  ["block3_pool", 44, 8],
  ["block4_conv3", 92, 8],
  ["block4_pool", 100, 16],
  ["block5_conv1", 132, 16],
  ["block5_conv2", 164, 16],
  ["block5_conv3", 196, 16],
  ["block5_pool", 212, 32],
];

describe("VGG-16", () => {
  it("has the published sizes and strides, and its centers lie between the pixels of its pools", async () => {
    const { network } = await openModel(vgg16, { threads: 1 });
    for (const [layer, size, stride] of vggFields) {
      for (const index of [0, 3, 6]) {
        const center = stride * index + (stride - 1) / 2; // block5_conv3: 16 i + 7.5
        expect([layer, network.receptiveField(layer, [0, null, index, index + 1])]).toEqual([
          layer,
          { height: size, width: size, centerY: center, centerX: center + stride },
        ]);
      }
    }
    expect(network.receptiveField("block5_conv3", [0, null, 7, 7])).toMatchObject({ centerY: 119.5 });
    expect(network.receptiveField("logits", [0, null])).toMatchObject({ height: 404, width: 404 });
  });
});

describe.skipIf(withoutReference("receptive field of a trained MobileNetV2"))("MobileNetV2", () => {
  it("shifts by its asymmetric padding", async () => {
    // [kernel, stride]; TensorFlow's "same" pads nothing before a stride of 2, one pixel after it.
    const depthwise = [1, 2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1];
    let [size, stride, padding] = [1, 1, 0];
    for (const step of [2, ...depthwise]) {
      size += 2 * stride;
      padding += step === 1 ? stride : 0;
      stride *= step;
    }
    expect([size, stride]).toEqual([491, 32]); // as Araujo et al. have it
    const { network } = await openModel(referencePath("models", "mobilenet_v2_1.0_224.onnx"), { threads: 1 });
    const center = 3 * 32 - padding + (size - 1) / 2;
    expect(network.receptiveField("last_conv", [0, null, 3, 3])).toEqual({
      height: size,
      width: size,
      centerY: center,
      centerX: center,
    });
    expect(network.receptiveField("n0_conv", [0, null, 5, 5])).toMatchObject({ height: 3, centerY: 11 });
  });
});

/** The box of the input that a box of the output reads. */
function read(shape: Shape, build: (g: Builder, x: Value) => Value, region: Region): Region | null {
  const graph = graphOf(shape, build);
  return dependenceOn(graph, inputOf(graph), outputOf(graph), region);
}

const inputOf = ({ inputs: [input] }: Graph): Value => {
  if (input === undefined) throw new Error("an input");
  return input;
};
const outputOf = ({ outputs: [output] }: Graph): Value => {
  if (output === undefined) throw new Error("an output");
  return output;
};

/** A 3 x 3 convolution of one channel onto itself, padded by one. */
const three = (g: Builder, x: Value, strides = [1, 1]) =>
  g.conv(
    x,
    g.constant(noise([x.shape[1] ?? 1, x.shape[1] ?? 1, 3, 3])),
    windowed({
      kernelShape: [3, 3],
      strides,
      dilations: [1, 1],
      pads: [1, 1, 1, 1],
      group: 1,
    }),
  );

describe("one operator at a time", () => {
  const map: Shape = [1, 2, 10, 12];
  const cell = (row: number, column: number): Region => [
    [0, 0],
    [0, 0],
    [row, row],
    [column, column],
  ];
  const part = (rows: readonly [number, number], columns: readonly [number, number]): Region => [
    [0, 0],
    [0, 1],
    rows,
    columns,
  ];

  it("windows reach into the padding", () => {
    expect(read(map, (g, x) => three(g, x, [2, 3]), cell(0, 2))).toEqual(part([-1, 1], [5, 7]));
  });

  it("branches take their hull, in whichever order they are written", () => {
    const far = (g: Builder, x: Value) => three(g, three(g, x));
    const expected = part([2, 6], [2, 6]);
    expect(read(map, (g, x) => g.add(far(g, x), three(g, x)), cell(4, 4))).toEqual(expected);
    expect(read(map, (g, x) => g.add(three(g, x), far(g, x)), cell(4, 4))).toEqual(expected);
  });

  it("Pad shifts", () => {
    expect(read(map, (g, x) => g.pad(x, [0, 0, 3, 1], [0, 0, 0, 0]), cell(5, 5))).toEqual([
      [0, 0],
      [0, 0],
      [2, 2],
      [4, 4],
    ]);
  });

  it("Pad by reflection reads what it copies", () => {
    const reflected = (g: Builder, x: Value) =>
      g.single(
        "Pad",
        [x],
        padded({ mode: "reflect", pads: [0, 0, 3, 0, 0, 0, 0, 2], value: 0 }),
        "float32",
        [1, 2, 13, 14],
      );
    const [, , rows, columns] = read(map, reflected, cell(0, 13)) ?? [];
    expect(rows?.[0]).toBeLessThanOrEqual(3);
    expect(rows?.[1]).toBeGreaterThanOrEqual(3);
    expect(columns?.[0]).toBeLessThanOrEqual(9);
    expect(columns?.[1]).toBeGreaterThanOrEqual(9);
  });

  it("Slice starts elsewhere, steps, and runs backwards", () => {
    expect(
      read(map, (g, x) => g.sliceBy(x, sliced([0, 1, 9, 2], [1, 1, 3, 3], [1, 1, -3, 4])), cell(2, 1)),
    ).toEqual([
      [0, 0],
      [1, 1],
      [3, 3],
      [6, 6],
    ]);
  });

  it("Transpose exchanges axes", () => {
    const channelsLast = (g: Builder, x: Value) => g.transpose(x, [0, 2, 3, 1]);
    expect(
      read(map, channelsLast, [
        [0, 0],
        [3, 4],
        [5, 6],
        [0, 1],
      ]),
    ).toEqual(part([3, 4], [5, 6]));
  });

  it("Concat reads the parts that a box touches", () => {
    const joined = (g: Builder, x: Value) => g.concat([three(g, x), x], 1);
    const channel = (first: number, last: number): Region => [
      [0, 0],
      [first, last],
      [5, 5],
      [5, 5],
    ];
    expect(read(map, joined, channel(0, 1))).toEqual(part([4, 6], [4, 6]));
    expect(read(map, joined, channel(2, 3))).toEqual(part([5, 5], [5, 5]));
    expect(read(map, joined, channel(1, 2))).toEqual(part([4, 6], [4, 6]));
    const constant = (g: Builder, x: Value) => g.concat([g.constant(noise([1, 1, 10, 12])), x], 1);
    expect(read(map, constant, channel(0, 0))).toBeNull();
  });

  it("Split reads its part", () => {
    const second = (g: Builder, x: Value) => g.split(x, 2, [4, 6])[1] ?? x;
    expect(read(map, second, cell(1, 0))).toEqual([
      [0, 0],
      [0, 0],
      [5, 5],
      [0, 0],
    ]);
  });

  it("Reshape follows a token to its patch, and a channel split to its channels", () => {
    const tokens = (g: Builder, x: Value) => g.reshape(x, [1, 2, 120]);
    const token: Region = [
      [0, 0],
      [0, 1],
      [5 * 12 + 7, 5 * 12 + 7],
    ];
    expect(read(map, tokens, token)).toEqual(part([5, 5], [7, 7]));
    const overTheEnd: Region = [
      [0, 0],
      [0, 1],
      [7, 16],
    ];
    expect(read(map, tokens, overTheEnd)).toEqual(part([0, 1], [0, 11]));
    const grouped = (g: Builder, x: Value) => g.reshape(x, [1, 2, 3, 10, 12]);
    const inGroup: Region = [
      [0, 0],
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
    ];
    expect(read([1, 6, 10, 12], grouped, inGroup)).toEqual([
      [0, 0],
      [5, 5],
      [3, 3],
      [4, 4],
    ]);
  });

  it("SpaceToDepth reads a block", () => {
    const deep = (g: Builder, x: Value) =>
      g.single("SpaceToDepth", [x], { blockSize: 2 }, "float32", [1, 8, 5, 6]);
    expect(read(map, deep, cell(2, 3))).toEqual(part([4, 5], [6, 7]));
  });

  it("Einsum reads what has a letter of the output there, and all of what is summed", () => {
    const scores = (g: Builder, x: Value) => {
      const attributes = { equation: "bhik,bhkj->bhij" };
      return g.single("Einsum", [x, g.constant(noise([1, 2, 12, 7]))], attributes, "float32", [1, 2, 10, 7]);
    };
    const asked: Region = [
      [0, 0],
      [1, 1],
      [3, 4],
      [5, 5],
    ];
    expect(read(map, scores, asked)).toEqual([
      [0, 0],
      [1, 1],
      [3, 4],
      [0, 11],
    ]);
  });

  it("Gemm reads the rows, and of its bias what is added to them", () => {
    const product = (bias: boolean) => (g: Builder, x: Value) => {
      const [left, added] = bias ? [g.constant(noise([10, 5])), x] : [x, g.constant(noise([10, 4]))];
      const attributes = { alpha: 1, beta: 1, transA: false, transB: true };
      return g.single("Gemm", [left, g.constant(noise([4, 5])), added], attributes, "float32", [10, 4]);
    };
    const asked: Region = [
      [3, 5],
      [1, 2],
    ];
    expect(read([10, 5], product(false), asked)).toEqual([
      [3, 5],
      [0, 4],
    ]);
    expect(read([10, 4], product(true), asked)).toEqual(asked);
    expect(read([1, 4], product(true), asked)).toEqual([
      [0, 0],
      [1, 2],
    ]);
  });

  it("Gather reads any of the axis that it picks from, and the others as they are", () => {
    const picked = (g: Builder, x: Value) =>
      g.single(
        "Gather",
        [x, g.constant(int64([2, 3], [0, 9, 1, 4, 4, 2]))],
        { axis: 2 },
        "float32",
        [1, 2, 2, 3, 12],
      );
    const asked: Region = [
      [0, 0],
      [1, 1],
      [0, 1],
      [2, 2],
      [6, 8],
    ];
    expect(read(map, picked, asked)).toEqual([
      [0, 0],
      [1, 1],
      [0, 9],
      [6, 8],
    ]);
  });

  it("what mixes positions reads them all", () => {
    const attention = (g: Builder, x: Value) => g.single("Softmax", [x], { axis: 3 }, x.dtype, x.shape);
    expect(read(map, attention, cell(2, 2))).toEqual([
      [0, 0],
      [0, 0],
      [2, 2],
      [0, 11],
    ]);
    expect(
      read(map, (g, x) => g.reduceMean(x, [2, 3], false), [
        [0, 0],
        [1, 1],
      ]),
    ).toEqual([
      [0, 0],
      [1, 1],
      [0, 9],
      [0, 11],
    ]);
  });

  it("a target without a way to the image has no field", () => {
    const graph = graphOf([1, 1, 4, 4], (g) => g.neg(g.constant(noise([1, 1, 4, 4]))));
    expect(receptiveField(graph, inputOf(graph), outputOf(graph), [0, null, 1, 1], [2, 3])).toBeNull();
  });

  it("is told along the image's own axes", () => {
    const graph = graphOf([1, 8, 9, 3], (g, x) => three(g, g.transpose(x, [0, 3, 1, 2]), [1, 2]));
    expect(receptiveField(graph, inputOf(graph), outputOf(graph), [0, null, 5, 2], [1, 2])).toEqual({
      height: 3,
      width: 3,
      centerY: 5,
      centerX: 4,
    });
  });
});
