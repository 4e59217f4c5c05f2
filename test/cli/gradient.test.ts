import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { numbersOf, float32 } from "../../src/core/tensor.ts";
import { relativeDifference } from "../onnx/run.ts";
import { noise } from "../onnx/small-model.ts";
import { readJson } from "../reference.ts";
import { folder, inCheckout, json, readArray, refusal, run } from "./erfit.ts";
import { array, imageShape, lastShape, sound, written } from "./networks.ts";

const manifestSchema = z.object({
  target: z.object({
    tensor: z.string(),
    shape: z.array(z.number()),
    centre: z.object({ y: z.number().optional(), x: z.number().optional(), token: z.number().optional() }),
  }),
  logits: z.object({ tensor: z.string() }),
  tolerance: z.object({ suggested_rel_l2_vs_f64: z.number() }),
  cases: z.array(z.object({ argmax: z.number() })),
});

/** Both gradients of one input through the command line, beside PyTorch's in float64. */
async function expectBothGradients(name: string, network: string): Promise<void> {
  const { target, logits, tolerance, cases } = manifestSchema.parse(readJson(join(network, "manifest.json")));
  const { token, y, x } = target.centre;
  const cell = token === undefined ? ["--cell", `${y},${x}`] : ["--token", String(token)];
  const index = ["--index", String(cases[0]?.argmax), "--wrt", target.tensor];
  const difference = async (golden: string, of: string, ...how: readonly string[]) => {
    const out = join(folder, `${name}.${golden}`);
    const paths = [join(network, "model.onnx"), join(network, "input_0.npy")];
    await json(["gradient", ...paths, "--target", of, ...how, "--out", out]);
    const expected = readArray(join(network, golden));
    expect(readArray(out).shape).toEqual(expected.shape);
    return relativeDifference(expected, readArray(out));
  };
  const differences = await Promise.all([
    difference("grad_input_f64_0.npy", target.tensor, ...cell),
    difference("grad_target_f64_0.npy", logits.tensor, ...index),
  ]);
  expect(Math.max(...differences)).toBeLessThan(tolerance.suggested_rel_l2_vs_f64);
}

describe.concurrent("both gradients of bundled networks are PyTorch's", () => {
  const networks = inCheckout("test/fixtures/gradients");
  it.each(readdirSync(networks))("%s", (name) => expectBothGradients(name, join(networks, name)));
});

const network = written("net.onnx", sound);
const input = array("x.npy");
/** The same without the axis of one image. */
const bare = array("bare.npy", noise(imageShape.slice(1), 9));

/** The gradient's values, by the options that name it. */
async function gradient(name: string, ...options: readonly string[]): Promise<readonly number[]> {
  const out = join(folder, `${name}.npy`);
  await json(["gradient", network, input, ...options, "--out", out]);
  return numbersOf(readArray(out));
}

describe.concurrent("the scalar that is differentiated", () => {
  it("by index is the one that a one-hot cotangent names", async () => {
    const oneHot = new Float32Array(3 * 6 * 6);
    oneHot[50] = 1;
    const seed = array("cotangent.npy", float32(lastShape, oneHot));
    const [bySeed, byIndex] = await Promise.all([
      gradient("by-seed", "--target", "last", "--cotangent", seed),
      gradient("by-index", "--target", "last", "--index", "50"),
    ]);
    expect(bySeed).toEqual(byIndex);
    expect(byIndex.some((value) => value !== 0)).toBe(true);
  });

  it("is the central cell where nothing is said, and the mean over its channels", async () => {
    const mean = new Float32Array(3 * 6 * 6);
    for (const channel of [0, 1, 2]) mean[channel * 36 + 3 * 6 + 3] = 1 / 3;
    const seed = array("mean.npy", float32(lastShape, mean));
    const [central, cell, seeded] = await Promise.all([
      gradient("central", "--target", "last"),
      gradient("cell", "--target", "last", "--cell", "3,3"),
      gradient("mean", "--target", "last", "--cotangent", seed),
    ]);
    expect(central).toEqual(cell);
    seeded.forEach((value, i) => {
      expect(value).toBeCloseTo(central[i] ?? NaN, 6);
    });
  });

  it("is the highest class score where no target is named", async () => {
    const scores = await Promise.all(
      [0, 1, 2].map((index) => gradient(`class-${index}`, "--target", "logits", "--index", String(index))),
    );
    expect(scores).toContainEqual(await gradient("class-top"));
  });

  it("of a global average: 1 over the number of cells, at its channel", async () => {
    const found = await gradient("pooled", "--target", "logits", "--index", "1", "--wrt", "last");
    expect(found).toEqual(found.map((_, i) => (Math.floor(i / 36) === 1 ? Math.fround(1 / 36) : 0)));
  });

  it("is named by modules as well as by tensors; the file goes where --out says, in new folders too", async () => {
    const out = join(folder, "some", "new", "folder", "g.npy");
    const { code, stdout } = await run(["gradient", network, bare, "--target", "stem.act", "--out", out]);
    expect(code).toBe(0);
    expect(stdout).toContain("d active / d image");
    expect(readArray(out)).toMatchObject({ dtype: "float32", shape: [1, 3, 12, 12] });
  });
});

describe.concurrent("what is refused", () => {
  const wrongInput = array("wrong.npy", noise([1, 3, 10, 12]));
  const pixels = array("pixels.npy", {
    dtype: "uint8",
    shape: [1, 3, 12, 12],
    data: new Uint8Array(432),
  });
  const spoilt = array("spoilt.npy", float32([1, 3, 12, 12], new Float32Array(432).fill(NaN)));

  it.each([
    [
      "an input of another shape",
      [wrongInput, "--target", "last"],
      /wrong\.npy: .*\[1, 3, 12, 12\].*\[1, 3, 10, 12\]/,
    ],
    ["an input of pixels", [pixels, "--target", "last"], /pixels\.npy: .*float32.*uint8/],
    ["an input with NaN", [spoilt, "--target", "last"], /spoilt\.npy: .*NaN/],
    ["an input that is missing", ["gone.npy", "--target", "last"], /gone\.npy: no such file/],
    [
      "a cotangent of another shape",
      [input, "--target", "last", "--cotangent", input],
      /\[1, 3, 6, 6\].*\[1, 3, 12, 12\]/,
    ],
    ["two scalars", [input, "--target", "last", "--index", "1", "--cell", "0,0"], /--cell and --index/],
    [
      "a cell outside",
      [input, "--target", "last", "--cell", "6,0"],
      /--cell 6,0.*"last".*6 rows and 6 columns/,
    ],
    [
      "half a cell",
      [input, "--target", "last", "--cell", "6"],
      /--cell: expected \[row, column\], whole numbers from 0; found \[ 6 \]/,
    ],
    ["a token of a map", [input, "--target", "last", "--token", "0"], /--token 0.*"last" \[1, 3, 6, 6\]/],
    [
      "an index outside",
      [input, "--target", "logits", "--index", "3"],
      /--index 3.*"logits" \[1, 3\]: 3 elements/,
    ],
    ["a negative index", [input, "--target", "logits", "--index", "-1"], /--index: .*0 or more.*-1/],
    ["an index in words", [input, "--target", "logits", "--index", "one"], /--index: .*whole number/],
    ["an index without a value", [input, "--target", "logits", "--index"], /--index needs a value/],
    [
      "the cell of a vector",
      [input, "--target", "logits", "--cell", "0,0"],
      /"logits" \[1, 3\] is not a feature map/,
    ],
    [
      "the wrong way round",
      [input, "--target", "first", "--wrt", "last"],
      /"first" does not depend on "last"/,
    ],
    ["an unknown tensor", [input, "--target", "lost"], /"lost" — nearest names: last/],
    ["a target twice", [input, "--target", "last", "--target", "first"], /--target is given 2 times/],
    ["a negated target", [input, "--no-target"], /--no-target/],
  ])("%s", async (_, args, words) => {
    expect(await refusal(["gradient", network, ...args])).toMatch(words);
  });
});
