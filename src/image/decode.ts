import type { Sharp } from "sharp";
import { nativeLibrary } from "../engine/native-library.ts";
import type { Raster } from "./raster.ts";

const loaded = nativeLibrary(
  {
    name: "sharp",
    package: "sharp",
    purpose: "pictures cannot be read or written",
    remedy: "install it on this platform with its optional packages: npm install --include=optional sharp",
  },
  async () => (await import("sharp")).default,
);

/**
 * 67 million, more than a full-frame camera makes; a file that claims more is refused before its pixels are read. A picture of
 * that size takes 0.2 GB, and twice or three times that while a progressive JPEG or one in CMYK is decoded.
 */
const pixelLimit = 2 ** 26;

/**
 * How the files begin that are decoded. libvips knows more formats, some of which are programs for a machine that draws
 * (SVG): a file of those is no photograph, whatever its name says.
 */
const beginnings: readonly RegExp[] = [
  /^\xff\xd8\xff/, // JPEG
  /^\x89PNG\r\n.\n/s,
  /^RIFF.{4}WEBP/s,
  /^GIF8[79]a/,
  /^(II[*+]\0|MM\0[*+])/, // TIFF, and BigTIFF
  /^.{4}ftyp/s, // AVIF
];

/** Whether the file begins as one of the formats does. */
export function isPicture({ buffer, byteOffset, length }: Uint8Array): boolean {
  const beginning = Buffer.from(buffer, byteOffset, Math.min(length, 16)).toString("latin1");
  return beginnings.some((format) => format.test(beginning));
}

/**
 * The pixels of a JPEG, PNG, WebP, GIF, TIFF or AVIF file, as Pillow's `Image.open(...).convert("RGB")` gives them
 * (bit for bit on all 298 reference photographs): embedded colour profiles are ignored, alpha is dropped, grey is
 * repeated. The EXIF orientation is applied only on request: neither Pillow nor torchvision applies it.
 * @throws where the file is of another kind; and whatever libvips says of one that is cut short or corrupt
 */
export async function decodeImage(file: Uint8Array, autoOrient: boolean): Promise<Raster> {
  if (!isPicture(file)) throw new Error("Input is none of JPEG, PNG, WebP, GIF, TIFF, AVIF");
  const sharp = await loaded();
  const image = sharp(file, { failOn: "warning", ignoreIcc: true, limitInputPixels: pixelLimit, autoOrient });
  if ((await image.metadata()).space === "cmyk") return decodeCmyk(image);
  return raster(image.removeAlpha().toColourspace("srgb"));
}

/** libvips converts CMYK through a press profile, Pillow by arithmetic; networks were trained on Pillow's colours. */
async function decodeCmyk(image: Sharp): Promise<Raster> {
  const { data: inks, info } = await image
    .pipelineColourspace("cmyk")
    .toColourspace("cmyk")
    .raw()
    .toBuffer({ resolveWithObject: true });
  const data = new Uint8Array(info.height * info.width * 3);
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / 3) * info.channels;
    const light = 255 - (inks[pixel + 3] ?? 0);
    data[i] = light - Math.round(((inks[pixel + (i % 3)] ?? 0) * light) / 255);
  }
  return { height: info.height, width: info.width, data };
}

/** A PNG of `height` x `width` pixels, three (RGB) or four (RGBA) bytes each. */
export async function encodePng(pixels: Uint8Array, width: number, height: number): Promise<Uint8Array> {
  const sharp = await loaded();
  const channels = pixels.length === width * height * 4 ? 4 : 3;
  return sharp(pixels, { raw: { width, height, channels } }).png().toBuffer();
}

/** Above this, eyes see no difference to the lossless picture; colours are kept at full resolution, for hue is what a heat map says. */
const jpegQuality = 90;

/** A JPEG of an RGB picture: a seventh of the PNG's size for a photograph. */
export async function encodeJpeg({ data, width, height }: Raster): Promise<Uint8Array> {
  const sharp = await loaded();
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: jpegQuality, chromaSubsampling: "4:4:4" })
    .toBuffer();
}

async function raster(image: Sharp): Promise<Raster> {
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { height: info.height, width: info.width, data };
}
