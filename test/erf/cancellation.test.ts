import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { centralCell } from "../../src/runtime/feature-grid.ts";
import { defaultLayer, findLayer, layersOf } from "../../src/runtime/layers.ts";
import { openModel } from "../../src/runtime/open.ts";
import { random } from "../../src/core/random.ts";
import { float32 } from "../../src/core/tensor.ts";
import { isNoise, type Cancellation } from "../../src/erf/cancellation.ts";
import { probe } from "../../src/erf/probe.ts";
import type { ProtocolName } from "../../src/erf/protocols.ts";

const at = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/fixed-mean/${name}`, import.meta.url));

/** PyTorch's, in float64: the gradient of the channels' mean over that of a random combination of them. */
const gradients = z
  .record(z.string(), z.number())
  .parse(JSON.parse(readFileSync(at("gradients.json"), "utf8")));
const names = Object.keys(gradients);
/** float32 weights leave 2e-8 of a mean that is subtracted by a convolution. */
const hasGradient = (name: string): boolean => (gradients[name] ?? NaN) > 1e-6;

const opened = async (name: string) => (await openModel(at(`${name}.onnx`), { threads: 1 })).network;

async function measured(name: string, protocol: ProtocolName): Promise<Cancellation> {
  const network = await opened(name);
  const layer = findLayer(network, "map");
  const next = random(5);
  const tensor = float32(
    [1, 3, 32, 32],
    Float32Array.from({ length: 3 * 32 * 32 }, () => 2 * next() - 1),
  );
  const unreadable = { name: "torn", photograph: { index: 0, name: "torn" }, tensor: null };
  const images = [unreadable, { name: "noise", photograph: { index: 1, name: "noise" }, tensor }];
  const asked = {
    layer,
    cell: centralCell(layer.grid, network.input),
    protocol,
    count: 2,
    cancellation: true,
  };
  for await (const { cancellation } of probe(network, stream(images), asked))
    if (cancellation !== null) return cancellation;
  throw new Error("it was not measured");
}

async function* stream<T>(items: readonly T[]): AsyncGenerator<T, void> {
  for (const item of items) yield await Promise.resolve(item);
}

describe("the mean over a layer's channels", () => {
  it.each(names)("%s: noise where PyTorch's gradient in float64 is", async (name) => {
    const found = await measured(name, "openerf");
    expect(found.photograph).toBe(1);
    expect(isNoise(found)).toBe(!hasGradient(name));
    // By its size alone too, and by the graph alone.
    expect(found.left ?? NaN).toBeLessThan(hasGradient(name) ? 100 : 1e-6);
    expect(found.left ?? NaN).toBeGreaterThanOrEqual(hasGradient(name) ? 1e-3 : 0);
    expect(found.fixedSum).toBe(!hasGradient(name));
  });

  const softmaxes = names.filter((name) => name.startsWith("softmax") && !hasGradient(name));

  it.each(softmaxes)("%s: the sum of the positive parts is noise too", async (name) => {
    const found = await measured(name, "replknet");
    expect(found.fixedSum).toBe(true);
    expect(isNoise(found)).toBe(true);
  });

  it.each(["mean-subtracted", "layer-norm-plain", "layer-norm-written", "conv-centered"])(
    "%s: the sum of the positive parts is not",
    async (name) => {
      expect(isNoise(await measured(name, "replknet"))).toBe(false);
    },
  );
});

describe("the default layer", () => {
  it.each(names.filter((name) => !hasGradient(name)))(
    "%s: is not the one without a gradient",
    async (name) => {
      const network = await opened(name);
      const layer = defaultLayer(network);
      expect(layer.name).not.toBe("map");
      expect(layer.grid.channels).toBeGreaterThan(1);
      expect(layersOf(network).some((one) => one.name === "map")).toBe(true);
    },
  );

  it.each(names.filter((name) => hasGradient(name) && !name.includes("softmax")))(
    "%s: is the last one",
    async (name) => {
      expect(defaultLayer(await opened(name)).name).toBe("map");
    },
  );

  it("of a softmax or its logarithm is the scores before it", async () => {
    expect(defaultLayer(await opened("softmax")).name).toBe("/3/Mul_1_output_0");
    expect(defaultLayer(await opened("log-softmax")).name).toBe("/3/Mul_1_output_0");
  });

  it("of a dense network that ends in a softmax is the upsampled scores", async () => {
    expect(defaultLayer(await opened("seg_softmax")).name).toBe("/Resize_output_0");
  });
});
