import { describe, expect, it } from "vitest";
import { z } from "zod";
import { expectPlainWords, inCheckout, json, refusal, run, sampleModel } from "./erfit.ts";
import { openSize, written } from "./networks.ts";

const pair = z.tuple([z.number(), z.number()]);
const layer = z.strictObject({
  label: z.string(),
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
});
const listing = z.strictObject({
  model: z.strictObject({ file: z.string(), sha256: z.string().length(64) }),
  input: z.looseObject({ name: z.string(), shape: z.array(z.int()), layout: z.string() }),
  output: z.strictObject({ name: z.string(), shape: z.array(z.int()) }),
  outputs: z.array(z.strictObject({ name: z.string(), shape: z.array(z.int()) })),
  stages: z.array(layer),
  layers: z.array(layer),
});

describe.concurrent("erfit layers", () => {
  it("VGG-16: shapes, strides and receptive fields as its arithmetic has them, one default", async () => {
    const { layers, input, output } = listing.parse(await json(["layers", sampleModel]));
    expect([input.shape, output]).toEqual([[1, 3, 224, 224], { name: "logits", shape: [1, 11] }]);
    const named = (wanted: string) => layers.find(({ name }) => name === wanted);
    expect(named("block5_conv3")).toEqual({
      label: "block5_conv3",
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

  const resnet = inCheckout("test/fixtures/gradients/resnet_tiny/model.onnx");
  const vit = inCheckout("test/fixtures/gradients/vit_tiny/model.onnx");

  it("names the exporter's modules first, and stages with what they end in", async () => {
    const { layers, stages } = listing.parse(await json(["layers", resnet]));
    expect(layers.find(({ name }) => name === "relu_11")).toMatchObject({
      label: "layer4.0.act2",
      module: "m.layer4.0.act2",
    });
    expect(stages.map(({ label, name }) => [label, name])).toEqual([
      ["layer1", "relu_4"],
      ["layer2", "relu_6"],
      ["layer3", "relu_9"],
      ["layer4", "relu_11"],
    ]);
    expect(stages.at(-1)).toEqual({ ...layers.at(-1), label: "layer4" });
    const { stdout } = await run(["layers", resnet]);
    expect(stdout).toMatch(/^\* layer4 +1x96x3x3 .* m\.layer4\.0\.act2 \(relu_11\)$/m);
    expect(stdout).toMatch(/^\* layer4\.0\.act2 +1x96x3x3 .* relu_11$/m);
    expect(stdout).toMatch(/^ {2}add_3 +1x96x3x3 .* in m\.layer4\.0$/m);
  });

  it("lists only what is asked for", async () => {
    const labels = async (network: string, asked: string) => {
      const { stages, layers } = listing.parse(await json(["layers", network, "--layer", asked]));
      expect(stages).toEqual([]);
      return layers.map(({ label }) => label);
    };
    const four = ["layer1", "layer2", "layer3", "layer4"];
    expect(await labels(resnet, "layer*")).toEqual(four);
    expect(await labels(resnet, "stages")).toEqual(four);
    expect(await labels(resnet, "conv1,layer2.0.act*")).toEqual(["conv1", "layer2.0.act1", "layer2.0.act2"]);
    expect(await labels(vit, "blocks.*")).toEqual(Array.from({ length: 8 }, (_, k) => `blocks.${k}`));
    expect(await refusal(["layers", sampleModel, "-l", "stages"])).toContain("the file names no stages");
    expect(await refusal(["layers", resnet, "-l", "layr1"])).toContain("nearest names: layer1");
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
