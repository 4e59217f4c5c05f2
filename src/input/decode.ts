import type { Sharp } from "sharp";
import { withRegularHeaders } from "./formats/jpeg.ts";
import { signatureOf, type DecoderName, pixelLimit, UnsupportedFormat } from "./formats/signatures.ts";
import { decodeBmp, decodeNetpbm } from "./formats/uncompressed.ts";
import type { Raster } from "./raster.ts";
import { nativeLibrary } from "../runtime/native-library.ts";

const loaded = nativeLibrary(
  {
    name: "sharp",
    package: "sharp",
    purpose: "pictures cannot be read or written",
    remedy: "install it on this platform with its optional packages: npm install --include=optional sharp",
  },
  async () => (await import("sharp")).default,
);

/** Whether a browser shows the file. */
export const isPicture = (file: Uint8Array): boolean => signatureOf(file)?.decoder === "libvips";

/**
 * The pixels of a photograph, as Pillow's `Image.open(...).convert("RGB")` gives them (bit for bit on all 298 reference
 * photographs): embedded color profiles are ignored, alpha is dropped, gray is repeated, of several pictures the first is
 * taken. The EXIF orientation is applied only on request: neither Pillow nor torchvision applies it. Pillow clips gray of 16
 * bits at 255; here it is scaled.
 * @throws UnsupportedFormat where erfit reads no files of this kind; and whatever libvips says of one that is cut short or
 * corrupt
 */
export async function decodeImage(file: Uint8Array, autoOrient: boolean): Promise<Raster> {
  const found = signatureOf(file);
  if (found === undefined || found.decoder === null) throw new UnsupportedFormat(found?.format);
  return decoders[found.decoder](file, autoOrient);
}

const decoders: Readonly<Record<DecoderName, (file: Uint8Array, autoOrient: boolean) => Promise<Raster>>> = {
  async libvips(file, autoOrient) {
    try {
      return await decodeStrictly(file, autoOrient);
    } catch (thrown) {
      // A warning may be of a header that no decoder needs. Of what is damaged libvips warns again.
      if (signatureOf(file)?.format !== "JPEG") throw thrown;
      return decodeStrictly(withRegularHeaders(file), autoOrient);
    }
  },
  bmp: decodeBmp,
  netpbm: async (file) => Promise.resolve(decodeNetpbm(file)),
};

/** Libjpeg only warns where the pixels' data end early, and fills the rest with gray; so a warning is a failure here. */
async function decodeStrictly(file: Uint8Array, autoOrient: boolean): Promise<Raster> {
  const sharp = await loaded();
  const image = sharp(file, { failOn: "warning", ignoreIcc: true, limitInputPixels: pixelLimit, autoOrient });
  if ((await image.metadata()).space === "cmyk") return decodeCmyk(image);
  return raster(image.removeAlpha().toColourspace("srgb"));
}

/** libvips converts CMYK through a press profile, Pillow by arithmetic; networks were trained on Pillow's colors. */
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

/** A PNG without transparency: on white, three bytes a pixel. */
export async function opaquePng(png: Uint8Array): Promise<Uint8Array> {
  const sharp = await loaded();
  return sharp(png).flatten({ background: "white" }).toColorspace("srgb").removeAlpha().png().toBuffer();
}

/** Above this, eyes see no difference to the lossless picture; colors are kept at full resolution, for hue is what a heat map says. */
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
