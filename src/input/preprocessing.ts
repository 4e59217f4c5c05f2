import { at } from "../core/required.ts";
import { z } from "zod";
import { ErfitError } from "../core/error.ts";
import { float32, type Tensor } from "../core/tensor.ts";
import type { ImageLayout } from "../runtime/network.ts";
import { roundingNames, sizeText, type ResizeRule, type Rounding } from "./crops.ts";
import type { Raster, Size } from "./raster.ts";

/** Pillow's, by Pillow's names. */
export const interpolations = ["bilinear", "bicubic", "lanczos", "nearest", "box", "hamming"] as const;
export type Interpolation = (typeof interpolations)[number];

export const channelOrders = ["RGB", "BGR"] as const;
export type ChannelOrder = (typeof channelOrders)[number];

/** The range of a pixel before mean and std. */
export const scales = ["0-255", "0-1"] as const;
export type Scale = (typeof scales)[number];

/** One number a channel, in the order of `channelOrder`. */
export type PerChannel = readonly [number, number, number];

/** Pixels of one color: red, green and blue. */
interface Padding {
  readonly color: PerChannel;
  /** How half of the missing pixels, as a negative number, becomes the photograph's offset: "up" puts fewer before it. */
  readonly rounding: Rounding;
}

/** The middle of the resized photograph. */
export interface Crop {
  readonly size: Size;
  readonly rounding: Rounding;
  /** What is put around a photograph that is smaller than the crop; without it such a photograph is refused. */
  readonly pad?: Padding;
}

/**
 * Everything that turns a photograph into a network's input, in the order in which it happens:
 * `x[c] = (pixel[channelOrder[c]] - mean[c]) / std[c]`, pixels on `scale`. Plain JSON; a calibration records it whole.
 */
export interface Preprocessing {
  /** Where it comes from, for people. */
  readonly source: string;
  /** Whether the EXIF orientation is applied. */
  readonly autoOrient: boolean;
  readonly resize: ResizeRule;
  readonly interpolation: Interpolation;
  /** Always: a kernel is widened by the factor by which it reduces, as in Pillow. */
  readonly antialias: true;
  readonly crop: Crop;
  readonly channelOrder: ChannelOrder;
  readonly scale: Scale;
  readonly mean: PerChannel;
  readonly std: PerChannel;
}

const side = z.int().positive();
const size = z.tuple([side, side]);
const perColor = z.tuple([z.number(), z.number(), z.number()]);
const rounding = z.enum(roundingNames);

/** A record of preprocessing, as results hold it. */
const recorded: z.ZodType<Preprocessing> = z.object({
  source: z.string(),
  autoOrient: z.boolean(),
  resize: z.discriminatedUnion("rule", [
    z.object({ rule: z.literal("shorterSide"), to: side, rounding }),
    z.object({ rule: z.literal("cover"), size, rounding }),
    z.object({ rule: z.literal("within"), size, rounding }),
    z.object({ rule: z.literal("exact"), size }),
    z.object({ rule: z.literal("none") }),
  ]),
  interpolation: z.enum(interpolations),
  antialias: z.literal(true),
  crop: z.object({ size, rounding, pad: z.object({ color: perColor, rounding }).exactOptional() }),
  channelOrder: z.enum(channelOrders),
  scale: z.enum(scales),
  mean: perColor,
  std: perColor,
});

/** The preprocessing that a result records; undefined where it does not record all of it. */
export const recordedPreprocessing = (record: unknown): Preprocessing | undefined =>
  recorded.safeParse(record).data;

/** Preprocessing for a network whose input has the given size. */
export type Recipe = (input: Size) => Preprocessing;

/** Three numbers, whatever was given. @throws ErfitError that calls them `name` */
export function perChannel(values: readonly number[], name: string): PerChannel {
  const [first, second, third, ...more] = values;
  if (first === undefined || second === undefined || third === undefined || more.length > 0)
    throw new ErfitError(`${name}: expected 3 numbers, one a channel, found ${values.length}`);
  return [first, second, third];
}

/** @throws ErfitError where the parts contradict one another, or the size of the network's input */
export function checkPreprocessing(preprocessing: Preprocessing, input: Size): Preprocessing {
  const { source, resize, crop, scale, mean, std } = preprocessing;
  const reject = (message: string, remedy: string): never => {
    throw new ErfitError(`preprocessing (${source}): ${message}`, { remedy });
  };
  const [height, width] = crop.size;
  const cropWords = `crop ${sizeText(crop.size)}`;
  if (height !== input[0] || width !== input[1])
    reject(
      `${cropWords} is not the size of the model's input, ${sizeText(input)}`,
      `Crop to ${sizeText(input)}, and resize to suit.`,
    );
  const [minHeight, minWidth] =
    resize.rule === "none" ? crop.size : resize.rule === "shorterSide" ? [resize.to, Infinity] : resize.size;
  if (
    crop.pad === undefined &&
    (Math.min(height, width) > minHeight || (resize.rule !== "shorterSide" && width > minWidth))
  )
    reject(`${cropWords} is larger than resize`, "Resize to at least the crop's size.");
  if (![...mean, ...std].every(Number.isFinite))
    reject("mean and std must be finite numbers", "Give numbers.");
  if (std.some((value) => value <= 0))
    reject(`std [${std.join(", ")}] must be above 0`, "std divides; for no division give 1, 1, 1.");
  if (scale === "0-1" && mean.some((value) => Math.abs(value) > 1))
    reject(
      `mean [${mean.join(", ")}] does not lie on the scale 0-1`,
      "For mean and std of pixels from 0 to 255 give scale 0-255.",
    );
  if (scale === "0-255" && std.some((value) => value < 1))
    reject(
      `std [${std.join(", ")}] is too small for the scale 0-255`,
      "For mean and std of pixels from 0 to 1 give scale 0-1.",
    );
  return preprocessing;
}

/**
 * `x[c] = (pixel[channelOrder[c]] - mean[c]) / std[c]`, as `[1, 3, H, W]` or `[1, H, W, 3]`.
 * Every step is rounded to float32, as NumPy and torchvision do it, so that inputs are theirs bit for bit. A channel has
 * 256 possible values: they are worked out once and looked up.
 */
export function normalize(
  raster: Raster,
  preprocessing: Preprocessing,
  layout: ImageLayout,
): Tensor<"float32"> {
  const { height, width, data } = raster;
  const pixels = height * width;
  const x = new Float32Array(pixels * 3);
  const [channelStride, pixelStride] = layout === "NCHW" ? [pixels, 1] : [1, 3];
  for (let c = 0; c < 3; c++) {
    const values = channelValues(preprocessing, c);
    const from = "RGB".indexOf(preprocessing.channelOrder.charAt(c));
    // Hot loop: indices are in range by construction.
    for (let i = 0; i < pixels; i++)
      x[c * channelStride + i * pixelStride] = values[data[i * 3 + from] ?? 0] ?? 0;
  }
  return float32(layout === "NCHW" ? [1, 3, height, width] : [1, height, width, 3], x);
}

function channelValues({ scale, mean, std }: Preprocessing, c: number): Float32Array {
  const { fround } = Math;
  const [center, spread] = [fround(at(mean, c)), fround(at(std, c))];
  return Float32Array.from({ length: 256 }, (_, gray) => {
    const light = scale === "0-1" ? fround(gray / 255) : gray;
    return fround(light - center) / spread;
  });
}

/** A configuration by its schema. @throws ErfitError that names the file and the field */
export function parseWith<T extends z.ZodType>(schema: T, json: unknown, file: string): z.infer<T> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue === undefined || issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
  throw new ErfitError(`${file}: ${field}${issue?.message ?? "not as expected"}`);
}
