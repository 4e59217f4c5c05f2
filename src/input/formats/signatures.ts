/** Which of the decoders reads a format. */
export type DecoderName = "libvips" | "bmp" | "netpbm";

interface Signature {
  readonly format: string;
  /** How its files start, one character a byte. */
  readonly start: string | RegExp;
  /** Null: erfit knows the format, but does not read it. */
  readonly decoder: DecoderName | null;
}

/** Brands of an ISO media file (ISO/IEC 14496-12, 4.3): the major one, or one of the compatible ones. */
const brand = (...names: readonly string[]): RegExp =>
  new RegExp(`^.{4}ftyp(?:.{4})*?(?:${names.join("|")})`, "s");

/**
 * The first that fits counts. libvips knows more formats, some of which are programs for a machine that draws (SVG): a file of
 * those is not a photograph, whatever its name is.
 */
const signatures: readonly Signature[] = [
  { format: "JPEG", start: /^\xff\xd8\xff/, decoder: "libvips" },
  { format: "PNG", start: /^\x89PNG\r\n.\n/s, decoder: "libvips" },
  { format: "WebP", start: /^RIFF.{4}WEBP/s, decoder: "libvips" },
  { format: "GIF", start: /^GIF8[79]a/, decoder: "libvips" },
  { format: "Canon's raw format", start: /^II\*\0.{4}CR/s, decoder: null },
  { format: "TIFF", start: /^(II[*+]\0|MM\0[*+])/, decoder: "libvips" },
  { format: "AVIF", start: brand("avif", "avis"), decoder: "libvips" },
  { format: "HEIC", start: brand("hei[cxms]", "hev[cxms]"), decoder: null },
  { format: "a video", start: brand("isom", "iso[2-9]", "mp4[12]", "avc1", "qt  ", "M4V "), decoder: null },
  { format: "BMP", start: /^BM.{4}\0{4}/s, decoder: "bmp" },
  { format: "PBM/PGM/PPM", start: /^P[1-6][\s#]/, decoder: "netpbm" },
  { format: "JPEG 2000", start: "\0\0\0\x0cjP  \r\n", decoder: null },
  { format: "JPEG 2000", start: "\xff\x4f\xff\x51", decoder: null },
  { format: "JPEG XL", start: "\xff\x0a", decoder: null },
  { format: "JPEG XL", start: "\0\0\0\x0cJXL \r\n", decoder: null },
  { format: "an icon", start: "\0\0\x01\0", decoder: null },
  { format: "Photoshop", start: "8BPS", decoder: null },
  { format: "OpenEXR", start: "v/1\x01", decoder: null },
  { format: "PDF", start: "%PDF", decoder: null },
  { format: "a web page", start: /^(\xef\xbb\xbf)?\s*<(!doctype html|html)/i, decoder: null },
  { format: "SVG", start: /^(\xef\xbb\xbf)?\s*<(\?xml|svg)/, decoder: null },
  { format: "JSON", start: /^\s*[{[]/, decoder: null },
  { format: "a Git LFS pointer", start: "version https://git-lfs", decoder: null },
  { format: "an empty file", start: /^$/, decoder: null },
];

const fits = (start: string, pattern: string | RegExp): boolean =>
  typeof pattern === "string" ? start.startsWith(pattern) : pattern.test(start);

/** The longest list of brands and the longest start of a page that are looked at, bytes. */
const startBytes = 256;

/** The format that the file's bytes are of, if it is a known one. */
export function signatureOf({ buffer, byteOffset, length }: Uint8Array): Signature | undefined {
  const start = Buffer.from(buffer, byteOffset, Math.min(length, startBytes)).toString("latin1");
  return signatures.find(({ start: pattern }) => fits(start, pattern));
}

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
