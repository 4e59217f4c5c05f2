import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { ErfitError, messageOf } from "../core/error.ts";
import type { ResizeRule } from "./crops.ts";
import type { Size } from "./raster.ts";
import { channelOrders, interpolations, parseWith, scales, type Recipe } from "./preprocessing.ts";
import { timmConfig, timmRecipe } from "./timm.ts";
import { readRegular } from "../io/read.ts";

const side = z.int().positive();
const size = z.tuple([side, side]);
const three = z.tuple([z.number(), z.number(), z.number()]);

const preprocess = z.object({
  resize: z
    .object({
      to: side.optional(),
      size: size.optional(),
      interpolation: z.enum(interpolations).default("bilinear"),
      antialias: z.literal(true, { error: "only true: erfit resizes as Pillow does" }).default(true),
    })
    .refine(({ to, size }) => (to === undefined) !== (size === undefined), {
      error: "give either `to` (the shorter side) or `size` ([height, width])",
    })
    .optional(),
  crop: z.object({ size }),
  channelOrder: z.enum(channelOrders).default("RGB"),
  scale: z.enum(scales).default("0-255"),
  mean: three,
  std: three,
  autoOrient: z.boolean().default(false),
});

/** The JSON beside a model: what its file cannot say. Every field may be absent; fields not named here are ignored. */
const sidecar = z.object({
  model: z.string().optional(),
  sha256: z.string().optional(),
  input: z
    .object({
      name: z.string(),
      layout: z.enum(["NCHW", "NHWC"]),
      shape: z.tuple([side, side, side, side]),
    })
    .partial()
    .optional(),
  output: z
    .object({ name: z.string(), classes: z.union([z.string(), z.array(z.string())]) })
    .partial()
    .optional(),
  lastFeatureMap: z.object({ name: z.string() }).optional(),
  preprocess: preprocess.optional(),
  pretrained_cfg: timmConfig.optional(),
});

export type Sidecar = z.infer<typeof sidecar> & { readonly file: string };

/** @throws ErfitError that names the file and the field */
export const parseSidecar = (json: unknown, file: string): Sidecar => ({
  ...parseWith(sidecar, json, file),
  file,
});

/** The preprocessing that a sidecar gives, if it gives one. */
export function sidecarRecipe({ file, preprocess, pretrained_cfg }: Sidecar): Recipe | undefined {
  const source = `sidecar ${file}`;
  if (preprocess !== undefined) {
    const { resize, crop, channelOrder, scale, mean, std, autoOrient } = preprocess;
    return () => ({
      source,
      autoOrient,
      resize: resizeRule(resize),
      interpolation: resize?.interpolation ?? "bilinear",
      antialias: true,
      crop: { size: crop.size, rounding: "down" },
      channelOrder,
      scale,
      mean,
      std,
    });
  }
  return pretrained_cfg === undefined ? undefined : timmRecipe(pretrained_cfg, source);
}

function resizeRule(resize: { to?: number | undefined; size?: Size | undefined } | undefined): ResizeRule {
  if (resize?.to !== undefined) return { rule: "shorterSide", to: resize.to, rounding: "nearest" };
  if (resize?.size !== undefined) return { rule: "exact", size: resize.size };
  return { rule: "none" };
}

async function readJsonFile(path: string): Promise<unknown> {
  const text = new TextDecoder().decode(await readRegular(path));
  try {
    return JSON.parse(text) as unknown;
  } catch (thrown) {
    throw new ErfitError(`${path}: not JSON (${messageOf(thrown)})`);
  }
}

/** A TF.js model is JSON itself. */
const sidecarOf = (model: string): string =>
  /\.json$/i.test(model) ? model.replace(/\.json$/i, ".sidecar.json") : model.replace(/\.[^./\\]*$/, ".json");

/** The sidecar beside a model (`net.onnx` -> `net.json`, `model.json` -> `model.sidecar.json`), where there is one. */
export async function readSidecar(model: string): Promise<Sidecar | undefined> {
  const path = sidecarOf(model);
  if (path === model) return undefined;
  const json = await readJsonFile(path).catch((thrown: unknown) => {
    if (thrown instanceof ErfitError) throw thrown;
    return undefined;
  });
  return json === undefined ? undefined : parseSidecar(json, basename(path));
}

const entry = z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]);
const classFile = z.union([
  z.array(entry),
  z.object({ classes: z.array(entry) }).transform(({ classes }) => classes),
]);

/** Class names in the order of the logits, from the sidecar or the file that it names; undefined where it names none. */
export async function readClassNames(
  model: string,
  sidecar: Sidecar | undefined,
): Promise<readonly string[] | undefined> {
  const classes = sidecar?.output?.classes;
  if (classes === undefined || typeof classes !== "string") return classes;
  const path = join(dirname(model), basename(classes));
  const parsed = classFile.safeParse(await readJsonFile(path).catch(() => undefined));
  return parsed.success ? parsed.data : undefined;
}
