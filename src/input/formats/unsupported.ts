/**
 * 67 million, more than a full-frame camera makes; a file that claims more is refused before its pixels are read. A picture of
 * that size takes 0.2 GB, and twice or three times that while a progressive JPEG or one in CMYK is decoded.
 */
export const pixelLimit = 2 ** 26;

/** @throws Error in sharp's words, where a picture claims more pixels than the limit */
export function refusePixels(height: number, width: number): void {
  if (height * width > pixelLimit) throw new Error("Input image exceeds pixel limit");
}

/** A file of a format, or of a variant of one, that erfit does not read; the message names the ones that it reads. */
export class UnsupportedFormat extends Error {
  constructor(found: string | undefined) {
    const among = `Input is none of ${readFormats.join(", ")}`;
    super(found === undefined ? among : `${among} (found ${found})`);
  }
}

/** By the names that users know them by. */
const readFormats = ["JPEG", "PNG", "WebP", "GIF", "TIFF", "AVIF", "BMP", "PBM/PGM/PPM"];
