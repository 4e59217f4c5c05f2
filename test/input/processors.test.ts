import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { loadInput } from "../../src/input/load.ts";
import { declaredInputSize, resolvePreprocessing } from "../../src/input/resolve.ts";
import { parseSidecar } from "../../src/input/sidecar.ts";
import { readNpy } from "../../src/core/npy.ts";
import { numbersOf } from "../../src/core/tensor.ts";
import { fixture } from "./pictures.ts";

const path = (name: string): string => fixture(`processors/${name}`);

const cases = z
  .array(
    z.object({
      name: z.string(),
      kind: z.enum(["timm", "processor"]),
      config: z.looseObject({ do_rescale: z.boolean().optional() }),
      photograph: z.string(),
      tensor: z.string(),
    }),
  )
  .parse(JSON.parse(readFileSync(path("cases.json"), "utf8")));

const processor = (config: unknown) => ({
  path: "model/preprocessor_config.json",
  text: JSON.stringify(config),
});

const sourcesOf = ({ kind, config }: (typeof cases)[number]) =>
  kind === "timm"
    ? { sidecar: parseSidecar({ pretrained_cfg: config }, "net.json") }
    : { processor: processor(config) };

/** The part that is kept of a tensor of 384 pixels a side. */
function part(data: Float32Array, side: number): Float32Array {
  const kept = Array.from({ length: 300 }, (_, i) => {
    const [channel, row, column] = [Math.floor(i / 100), Math.floor((i % 100) / 10), i % 10];
    return data[(channel * side + row + 100) * side + column + 200] ?? NaN;
  });
  return Float32Array.from(kept);
}

describe("inputs as other libraries make them", () => {
  it.each(cases)("$name", async (one) => {
    const expected = readNpy(readFileSync(path(one.tensor)), one.tensor);
    const sources = sourcesOf(one);
    const [, height = 0, width = 0] = expected.shape;
    const inputSize = declaredInputSize(sources) ?? [height, width];
    const preprocessing = resolvePreprocessing({ inputSize, ...sources });
    const source = { name: "photo", path: path(`${one.photograph}.png`), kind: "photograph" } as const;
    const { tensor } = await loadInput(source, preprocessing, "NCHW");
    const found = inputSize[0] === 384 ? part(tensor.data, 384) : tensor.data;
    expect(tensor.shape.slice(1)).toEqual(inputSize[0] === 384 ? [3, 384, 384] : expected.shape);
    // One gray level, and what float16 rounds.
    const level = (preprocessing.scale === "0-1" ? 1 / 255 : 1) / Math.min(...preprocessing.std);
    const numbers = numbersOf(expected);
    const away = Math.max(...found.map((value, i) => Math.abs(value - (numbers[i] ?? NaN))));
    // Where the height shrinks much more than the width Pillow 13 takes the rows first, and rounds between the passes.
    const rounded = one.photograph === "high" || one.name.startsWith("dinov3");
    expect(away).toBeLessThan((rounded ? 1.1 : 0.1) * level);
  });
});

describe("a processor's configuration", () => {
  const resolve = (config: unknown) =>
    resolvePreprocessing({ inputSize: [24, 24], processor: processor(config) });
  const vit = { image_processor_type: "ViTImageProcessor", size: 24 };

  it("comes after the sidecar and the model's own metadata", () => {
    const sources = { inputSize: [24, 24], processor: processor(vit) } as const;
    expect(resolvePreprocessing(sources).source).toBe("preprocessor_config.json");
    expect(resolvePreprocessing({ ...sources, preset: "tf" }).source).toBe("preset tf");
    const metadata = { mean: "[0.1, 0.2, 0.3]", std: "[1, 1, 1]" };
    expect(resolvePreprocessing({ ...sources, metadata }).source).toBe("metadata of the model");
    const sidecar = parseSidecar({ pretrained_cfg: {} }, "net.json");
    expect(resolvePreprocessing({ ...sources, sidecar, metadata }).source).toBe("sidecar net.json");
  });

  it.each([
    ["another processor", { ...vit, image_processor_type: "SamImageProcessor" }, /SamImageProcessor/],
    ["no processor", { size: 24 }, /no image_processor_type/],
    ["padding", { ...vit, do_pad: true }, /do_pad/],
    ["thumbnails", { ...vit, do_thumbnail: true }, /do_thumbnail/],
    ["multiples", { ...vit, ensure_multiple_of: 32 }, /ensure_multiple_of/],
    ["a longest edge", { ...vit, size: { longest_edge: 24 } }, /size: expected a number/],
    ["both edges", { ...vit, size: { shortest_edge: 24, longest_edge: 30 } }, /size: .*longest_edge/],
    [
      "no crop",
      { ...vit, image_processor_type: "CLIPImageProcessor", do_center_crop: false },
      /different shapes/,
    ],
    ["a crop of no size", { ...vit, do_center_crop: true }, /crop_size/],
    ["two means", { ...vit, image_mean: [0.5, 0.5] }, /image_mean: expected 3 numbers/],
    ["a resampling that is none", { ...vit, resample: 9 }, /resample/],
    ["text", "ViTImageProcessor", /preprocessor_config\.json/],
  ])("with %s is refused by name", (_, config, message) => {
    expect(() => resolve(config)).toThrow(message);
  });

  it("may have fields that change no pixel, and such that turn things off", () => {
    const config = { ...vit, processor_class: "X", do_convert_rgb: true, do_pad: false, do_thumbnail: null };
    expect(resolve(config)).toEqual(resolve(vit));
  });

  it("of timm holds timm's", () => {
    const config = { image_processor_type: "TimmWrapperImageProcessor", pretrained_cfg: { crop_pct: 1 } };
    expect(resolve(config)).toMatchObject({ resize: { to: 24 }, interpolation: "bicubic" });
  });
});
