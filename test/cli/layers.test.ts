import { describe, expect, it } from "vitest";
import { z } from "zod";
import { expectPlainWords, inCheckout, json, refusal, run, sampleModel } from "./erfit.ts";
import { openSize, written } from "./networks.ts";

const pair = z.tuple([z.number(), z.number()]);
const listing = z.strictObject({
  model: z.strictObject({ file: z.string(), sha256: z.string().length(64) }),
  input: z.looseObject({ name: z.string(), shape: z.array(z.int()), layout: z.string() }),
  output: z.strictObject({ name: z.string(), shape: z.array(z.int()) }),
  outputs: z.array(z.strictObject({ name: z.string(), shape: z.array(z.int()) })),
  layers: z.array(
    z.strictObject({
      name: z.string(),
      shape: z.array(z.int()),
      layout: z.string(),
      grid: pair,
      cell: pair,
      stride: pair,
      receptiveField: z
        .strictObject({ height: z.number(), width: z.number(), centerY: z.number(), centerX: z.number() })
        .nullable(),
      workKept: z.number().min(0).max(1).nullable(),
      module: z.string().nullable(),
      default: z.boolean(),
    }),
  ),
});

describe.concurrent("erfit layers", () => {
  it("VGG-16: shapes, strides and receptive fields as its arithmetic has them, one default", async () => {
    const { layers, input, output } = listing.parse(await json(["layers", sampleModel]));
    expect([input.shape, output]).toEqual([[1, 3, 224, 224], { name: "logits", shape: [1, 11] }]);
    const named = (wanted: string) => layers.find(({ name }) => name === wanted);
    expect(named("block5_conv3")).toEqual({
      name: "block5_conv3",
      shape: [1, 512, 14, 14],
      layout: "NCHW",
      grid: [14, 14],
      cell: [7, 7],
      stride: [16, 16],
      receptiveField: { height: 196, width: 196, centerY: 119.5, centerX: 119.5 },
      workKept: expect.closeTo(0.483, 3) as number,
      module: null,
      default: true,
    });
    expect(named("block3_conv3")?.receptiveField?.width).toBe(40);
    expect(layers.filter((layer) => layer.default)).toHaveLength(1);
  });

  it("names the exporter's modules", async () => {
    const network = inCheckout("test/fixtures/gradients/resnet_tiny/model.onnx");
    const { layers } = listing.parse(await json(["layers", network]));
    expect(layers.find(({ name }) => name === "relu_11")?.module).toBe("m.layer4.0.act2");
  });

  it("prints a table for people on stdout, and nothing on stderr", async () => {
    const { code, stdout, stderr } = await run(["layers", sampleModel]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^\* block5_conv3 +1x512x14x14 +16 +196 +119\.5, 119\.5 +52 %$/m);
    expect(stdout).not.toContain("{");
    expectPlainWords(stdout);
  });

  it("a size that the file leaves open is asked for, and taken", async () => {
    const network = written("open.onnx", openSize);
    expect(await refusal(["layers", network])).toMatch(/dimensions 2, 3 open — .*--input-shape 1,3,224,224/);
    const { layers } = listing.parse(await json(["layers", network, "--input-shape", "1,3,12,16"]));
    expect(layers.at(-1)?.shape).toEqual([1, 3, 6, 8]);
  });
});
