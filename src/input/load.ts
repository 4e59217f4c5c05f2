import { createHash } from "node:crypto";
import { readRegular } from "../io/read.ts";
import { ErfitError, messageOf } from "../core/error.ts";
import { readNpy } from "../core/npy.ts";
import { float32, sameShape, type Shape, type Tensor } from "../core/tensor.ts";
import { cropRegion, centerRegion, overlap, resizedSize, sizeText } from "./crops.ts";
import { type Size } from "./raster.ts";
import { decodeImage } from "./decode.ts";
import { cropRaster, placeRaster, sizeOfRaster, type Raster } from "./raster.ts";
import { UnsupportedFormat } from "./formats/signatures.ts";
import type { ImageSource } from "./listing.ts";
import type { ImageLayout } from "../runtime/network.ts";
import { normalize, type Preprocessing } from "./preprocessing.ts";
import { resizeRaster } from "./resize.ts";

const resizedPixelLimit = 2 ** 26;

/** What a network is given, and what a person sees of it. */
export interface Input {
  /** `[1, 3, H, W]` or `[1, H, W, 3]`. */
  readonly tensor: Tensor<"float32">;
  /** The photograph's pixels that the tensor was made of, `H x W x 3`; a ready tensor has none. */
  readonly rgb: Uint8Array | null;
  readonly height: number;
  readonly width: number;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string;
}

/**
 * One image as a network's input.
 * @param crop 0 for the evaluation crop, or the number of a further region (`crops.ts`) of a photograph
 * @throws ErfitError naming the file, if it is missing, cut short, corrupt, too small or of another shape
 */
export async function loadInput(
  source: ImageSource,
  preprocessing: Preprocessing,
  layout: ImageLayout,
  crop = 0,
): Promise<Input> {
  const file = await readRegular(source.path).catch((error: unknown) => {
    throw new ErfitError(`${source.path}: cannot be read: ${messageOf(error)}`, { cause: error });
  });
  const [height, width] = preprocessing.crop.size;
  const sha256 = createHash("sha256").update(file).digest("hex");
  if (source.kind === "tensor")
    return {
      tensor: readyTensor(file, source, preprocessing.crop.size, layout),
      rgb: null,
      height,
      width,
      sha256,
    };
  const photograph = await decodeImage(file, preprocessing.autoOrient).catch((error: unknown) => {
    if (error instanceof ErfitError) throw error; // of the decoder, which does not load
    throw new ErfitError(`${source.path}: not a whole, readable image: ${reasonOf(error)}`, {
      ...(error instanceof UnsupportedFormat ? { remedy: "Convert it to JPEG or PNG." } : {}),
      cause: error,
    });
  });
  const raster =
    crop === 0
      ? evaluationCrop(photograph, preprocessing, source.path)
      : regionOf(photograph, preprocessing, crop);
  return { tensor: normalize(raster, preprocessing, layout), rgb: raster.data, height, width, sha256 };
}

/**
 * sharp's own words. What libvips says goes into one buffer for all its threads: decoded side by side, a photograph gets
 * another's words, and other ones in the next run.
 */
const reasonOf = (error: unknown): string =>
  /^Input [^:\n]*/.exec(messageOf(error))?.[0] ?? "it is cut short or corrupt";

function evaluationCrop(
  photograph: Raster,
  { resize, interpolation, crop }: Preprocessing,
  path: string,
): Raster {
  const size = resizedSize(resize, sizeOfRaster(photograph));
  if (crop.pad === undefined && (size[0] < crop.size[0] || size[1] < crop.size[1]))
    throw new ErfitError(
      `${path}: ${sizeText(size)} pixels after resizing, smaller than the crop of ${sizeText(crop.size)}`,
      { remedy: "Resize to at least the crop's size." },
    );
  if (size[0] * size[1] > resizedPixelLimit)
    throw new ErfitError(`${path}: too long and thin: after resizing it would be ${sizeText(size)} pixels`);
  const region = centerRegion(size, crop.size, crop.rounding, crop.pad?.rounding);
  const inside = overlap(region, size);
  const raster = resizeRaster(photograph, size, interpolation, inside);
  if (crop.pad === undefined || sizeOfRaster(raster).join() === crop.size.join()) return raster;
  const place = { top: inside.top - region.top, left: inside.left - region.left };
  return placeRaster(raster, crop.size, place, crop.pad.color);
}

function regionOf(photograph: Raster, { interpolation, crop }: Preprocessing, number: number): Raster {
  const region = cropRegion(number, sizeOfRaster(photograph), crop.size);
  return resizeRaster(cropRaster(photograph, region), crop.size, interpolation);
}

function readyTensor(
  file: Uint8Array,
  { path }: ImageSource,
  [height, width]: Size,
  layout: ImageLayout,
): Tensor<"float32"> {
  const { shape, dtype, data } = readNpy(file, path);
  const expected: Shape = layout === "NCHW" ? [1, 3, height, width] : [1, height, width, 3];
  if (!sameShape(shape, expected) && !sameShape([1, ...shape], expected))
    throw new ErfitError(
      `${path}: shape [${shape.join(", ")}], but the model's input is [${expected.join(", ")}]`,
    );
  if (dtype !== "float32" && dtype !== "float64")
    throw new ErfitError(
      `${path}: elements of type ${dtype}; a ready input is float32 or float64, after preprocessing`,
      {
        remedy: "For pixels, give the photograph itself.",
      },
    );
  const values = data instanceof Float32Array ? data : Float32Array.from(data, Number);
  if (!values.every(Number.isFinite)) throw new ErfitError(`${path}: the tensor holds NaN or infinity`);
  return float32(expected, values);
}
