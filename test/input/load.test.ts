import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cropRegion } from "../../src/input/crops.ts";
import { listImages } from "../../src/input/listing.ts";
import { loadInput } from "../../src/input/load.ts";
import { resolvePreprocessing } from "../../src/input/resolve.ts";
import { parseSidecar } from "../../src/input/sidecar.ts";
import { readNpy, writeNpy } from "../../src/core/npy.ts";
import { float32, numbersOf } from "../../src/core/tensor.ts";
import { readJson, referencePath, withoutReference } from "../reference.ts";
import { difference, fill, pngOf, ruled, scratchFolder, sharpOf } from "./pictures.ts";

/** One image file on disk. */
async function sourceOf(name: string, content: Uint8Array) {
  const folder = await scratchFolder();
  await fill(folder, { [name]: content });
  const [source] = await listImages([join(folder, name)]);
  if (source === undefined) throw new Error("not listed");
  return source;
}

/** Pixels as they are: nothing is resized, subtracted or divided. */
const plain = (height: number, width: number) =>
  resolvePreprocessing({
    inputSize: [height, width],
    preset: "tf",
    overrides: { resize: "none", mean: [0, 0, 0], std: [1, 1, 1] },
  });

describe("a photograph", () => {
  it("is cropped at its center, and the pixels behind the tensor come with it", async () => {
    const source = await sourceOf("ruled.png", await pngOf(ruled(9, 12)));
    const { tensor, rgb, height, width } = await loadInput(source, plain(4, 6), "NHWC");
    expect([height, width, tensor.shape]).toEqual([4, 6, [1, 4, 6, 3]]);
    // Offsets floor((9 - 4) / 2) and (12 - 6) / 2: red counts columns, green rows.
    expect([...tensor.data.subarray(0, 6)]).toEqual([3, 2, 200, 4, 2, 200]);
    expect([...(rgb ?? [])]).toEqual([...tensor.data]);
  });

  it("is resized first", async () => {
    const source = await sourceOf("flat.png", await pngOf(ruled(64, 128)));
    const preprocessing = {
      ...plain(32, 32),
      resize: { rule: "shorterSide", to: 32, rounding: "down" },
    } as const;
    const { tensor } = await loadInput(source, preprocessing, "NCHW");
    expect(tensor.shape).toEqual([1, 3, 32, 32]);
    // Twice as coarse, from column 16 of 64: the middle of columns 32 and 33.
    expect(tensor.data[32 * 5]).toBeCloseTo(32.5, -0.5);
  });

  it("further crops are regions of it, at the input's size", async () => {
    const source = await sourceOf("ruled.png", await pngOf(ruled(200, 240)));
    const region = cropRegion(2, [200, 240], [16, 16]);
    const { rgb } = await loadInput(source, plain(16, 16), "NCHW", 2);
    const corners = [0, 15 * 16].map((i) => [rgb?.[i * 3], rgb?.[i * 3 + 1]]);
    const half = region.height / 32;
    expect(Math.abs((corners[0]?.[0] ?? NaN) - (region.left + half))).toBeLessThan(3);
    expect(Math.abs((corners[0]?.[1] ?? NaN) - (region.top + half))).toBeLessThan(3);
    expect(Math.abs((corners[1]?.[1] ?? NaN) - (region.top + region.height - half))).toBeLessThan(3);
  });

  it("cut short, or no image, or gone, is an error that names it", async () => {
    const jpeg = await sharpOf(ruled(64, 64)).jpeg().toBuffer();
    const cut = await sourceOf("cut.jpg", jpeg.subarray(0, jpeg.length / 2));
    await expect(loadInput(cut, plain(8, 8), "NCHW")).rejects.toMatchObject({
      name: "ErfitError",
      message: expect.stringMatching(/cut\.jpg: not a whole, readable image: /) as string,
    });
    const text = await sourceOf("text.jpg", new TextEncoder().encode("a photograph of a cat"));
    await expect(loadInput(text, plain(8, 8), "NCHW")).rejects.toThrow(
      /text\.jpg: not a whole, readable image/,
    );
    const empty = await sourceOf("empty.jpg", new Uint8Array());
    await expect(loadInput(empty, plain(8, 8), "NCHW")).rejects.toThrow(
      /empty\.jpg: not a whole, readable image/,
    );
    const gone = { name: "gone.jpg", path: "gone.jpg", kind: "photograph" } as const;
    await expect(loadInput(gone, plain(8, 8), "NCHW")).rejects.toThrow(/^gone\.jpg: cannot be read/);
  });

  it("too small, or too long and thin, is an error that names it", async () => {
    const small = await sourceOf("small.png", await pngOf(ruled(7, 9)));
    await expect(loadInput(small, plain(8, 8), "NCHW")).rejects.toThrow(
      /small\.png: 7x9 pixels after resizing, smaller than the crop of 8x8/,
    );
    const thin = await sourceOf("thin.png", await pngOf(ruled(1, 9000)));
    const preprocessing = resolvePreprocessing({ inputSize: [224, 224], preset: "timm" });
    await expect(loadInput(thin, preprocessing, "NCHW")).rejects.toThrow(/thin\.png: too long and thin/);
  });
});

describe("a ready tensor", () => {
  const values = Float32Array.from({ length: 24 }, (_, i) => i / 8);
  it.each([
    ["batch and all", float32([1, 3, 2, 4], values)],
    ["without the batch", float32([3, 2, 4], values)],
    ["in float64", { dtype: "float64", shape: [1, 3, 2, 4], data: Float64Array.from(values) } as const],
  ])("is taken as it is: %s", async (_, tensor) => {
    const source = await sourceOf("ready.npy", writeNpy(tensor));
    expect(await loadInput(source, plain(2, 4), "NCHW")).toEqual({
      tensor: float32([1, 3, 2, 4], values),
      rgb: null,
      height: 2,
      width: 4,
      sha256: createHash("sha256").update(writeNpy(tensor)).digest("hex"),
    });
  });

  it("holds numbers only", async () => {
    const broken = float32([1, 3, 2, 4], values.with(5, NaN));
    const source = await sourceOf("broken.npy", writeNpy(broken));
    await expect(loadInput(source, plain(2, 4), "NCHW")).rejects.toThrow(/broken\.npy: .*NaN/);
  });

  it("may have its channels last", async () => {
    const source = await sourceOf("ready.npy", writeNpy(float32([2, 4, 3], values)));
    expect((await loadInput(source, plain(2, 4), "NHWC")).tensor.shape).toEqual([1, 2, 4, 3]);
  });

  it("of another shape or type is an error that says both", async () => {
    const source = await sourceOf("ready.npy", writeNpy(float32([3, 4, 2], values)));
    await expect(loadInput(source, plain(2, 4), "NCHW")).rejects.toThrow(
      /ready\.npy: shape \[3, 4, 2\], but the model's input is \[1, 3, 2, 4\]/,
    );
    const pixels = { dtype: "uint8", shape: [3, 2, 4], data: new Uint8Array(24) } as const;
    await expect(
      loadInput(await sourceOf("pixels.npy", writeNpy(pixels)), plain(2, 4), "NCHW"),
    ).rejects.toThrow(/pixels\.npy: elements of type uint8/);
    await expect(
      loadInput(await sourceOf("not.npy", new Uint8Array(3)), plain(2, 4), "NCHW"),
    ).rejects.toThrow(/not\.npy: not a \.npy file/);
  });
});

describe.skipIf(withoutReference("inputs that Pillow made of the reference's photographs"))(
  "Pillow's inputs",
  () => {
    it.each(["vgg16-sample", "vgg16-sample.table1", "squeezenet1.1", "mobilenet_v2_1.0_224"])(
      "%s",
      async (model) => {
        const sidecar = parseSidecar(readJson(referencePath("erfs", `${model}.json`)), `${model}.json`);
        const inputSize = sidecar.preprocess?.crop.size ?? [0, 0];
        const preprocessing = resolvePreprocessing({ inputSize, sidecar });
        const [tench] = await listImages([referencePath("images", "n01440764_tench.JPEG")]);
        if (tench === undefined) throw new Error("not listed");
        const { tensor } = await loadInput(tench, preprocessing, "NCHW");
        const expected = readNpy(readFileSync(referencePath("erfs", `${model}.input0.npy`)), model);
        expect(tensor.shape).toEqual(expected.shape);
        expect(difference(tensor.data, numbersOf(expected)).max).toBe(0);
      },
    );
  },
);
