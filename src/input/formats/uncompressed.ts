import type nsbmp from "@cwasm/nsbmp";
import { refusePixels, UnsupportedFormat } from "./signatures.ts";
import type { Raster } from "../raster.ts";

/** Compressions that the decoder gets right: none, and bit fields (of 32 bits). */
const uncompressed = 0;
const bitFields = 3;

/**
 * The pixels of a Windows bitmap. The decoder is NetSurf's, in WebAssembly; it is loaded when there is a bitmap to decode.
 * @throws UnsupportedFormat for pixels of 16 bits or run lengths: its colors differ from Pillow's, or it fails
 */
export async function decodeBmp(file: Uint8Array): Promise<Raster> {
  const header = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.byteLength < 26) throw new Error("the header is cut short");
  const old = header.getUint32(14, true) === 12; // OS/2: sizes of two bytes
  if (!old && file.byteLength < 54) throw new Error("the header is cut short");
  const width = old ? header.getUint16(18, true) : header.getInt32(18, true);
  const height = old ? header.getUint16(20, true) : Math.abs(header.getInt32(22, true));
  refusePixels(height, width);
  const bits = header.getUint16(old ? 24 : 28, true);
  const compression = old ? uncompressed : header.getUint32(30, true);
  if (bits === 16 || ![uncompressed, bitFields].includes(compression))
    throw new UnsupportedFormat(`BMP of ${bits === 16 ? "16 bits a pixel" : "run lengths"}`);
  const rowBytes = Math.ceil((width * bits) / 32) * 4;
  if (header.getUint32(10, true) + rowBytes * height > file.byteLength)
    throw new Error("the pixels are cut short");
  const { default: decoder } = await import("@cwasm/nsbmp");
  return withoutAlpha(decoder.decode(file));
}

function withoutAlpha({ width, height, data: rgba }: ReturnType<typeof nsbmp.decode>): Raster {
  const data = new Uint8Array(width * height * 3);
  // Hot loop: indices are in range by construction.
  for (let pixel = 0; pixel < width * height; pixel++)
    data.set(rgba.subarray(pixel * 4, pixel * 4 + 3), pixel * 3);
  return { height, width, data };
}

/** What the digit after the P says (netpbm.sourceforge.net/doc, pbm, pgm, ppm). */
interface Kind {
  readonly channels: 1 | 3;
  readonly text: boolean;
  /** One bit a pixel, 1 is black; there is no largest value. */
  readonly bitmap: boolean;
}

const kinds: Readonly<Record<string, Kind>> = {
  "1": { channels: 1, text: true, bitmap: true },
  "2": { channels: 1, text: true, bitmap: false },
  "3": { channels: 3, text: true, bitmap: false },
  "4": { channels: 1, text: false, bitmap: true },
  "5": { channels: 1, text: false, bitmap: false },
  "6": { channels: 3, text: false, bitmap: false },
};

interface Header {
  readonly kind: Kind;
  readonly width: number;
  readonly height: number;
  readonly largest: number;
  /** Where the samples start. */
  readonly end: number;
}

/** Numbers stand between white space, and comments run from # to the end of the line. */
const separator = String.raw`(?:[ \t\n\v\f\r]|#[^\n\r]*[\n\r])+`;

function headerOf(file: Uint8Array): Header {
  const text = Buffer.from(file.subarray(0, 4096)).toString("latin1");
  const kind = kinds[text.charAt(1)];
  const fields = kind?.bitmap === true ? 2 : 3;
  const [head, ...values] =
    new RegExp(`^P[1-6]${`${separator}(\\d+)`.repeat(fields)}[ \\t\\n\\v\\f\\r]`).exec(text) ?? [];
  const [width = 0, height = 0, largest = 1] = values.map(Number);
  if (kind === undefined || head === undefined || width < 1 || height < 1)
    throw new Error("the header is damaged");
  if (largest < 1 || largest > 65535) throw new Error("the largest value is not between 1 and 65535");
  return { kind, width, height, largest, end: head.length };
}

/** Samples in the file's own range, row by row. */
function samplesOf(file: Uint8Array, { kind, width, height, largest, end }: Header): ArrayLike<number> {
  const count = width * height * kind.channels;
  const body = file.subarray(end);
  if (kind.text) {
    const text = Buffer.from(body)
      .toString("latin1")
      .replaceAll(/#[^\n\r]*/g, " ");
    const digits = text.match(kind.bitmap ? /[01]/g : /\d+/g) ?? [];
    return requireSamples(digits.slice(0, count).map(Number), count);
  }
  if (kind.bitmap) {
    const rowBytes = Math.ceil(width / 8);
    const bytes = requireSamples(body, rowBytes * height);
    return Uint8Array.from({ length: count }, (_, i) => {
      const [row, column] = [Math.floor(i / width), i % width];
      return ((bytes[row * rowBytes + (column >> 3)] ?? 0) >> (7 - (column & 7))) & 1;
    });
  }
  if (largest < 256) return requireSamples(body, count);
  const bytes = requireSamples(body, 2 * count);
  return Uint16Array.from({ length: count }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
}

function requireSamples<T extends ArrayLike<number>>(samples: T, count: number): T {
  if (samples.length < count) throw new Error(`${count} samples expected, ${samples.length} found`);
  return samples;
}

/** The pixels of a PBM, PGM or PPM file (P1 to P6); samples are scaled to 0 to 255, and gray is repeated. */
export function decodeNetpbm(file: Uint8Array): Raster {
  const header = headerOf(file);
  const { kind, width, height, largest } = header;
  refusePixels(height, width);
  const samples = samplesOf(file, header);
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const sample = samples[kind.channels === 3 ? i : Math.floor(i / 3)] ?? 0;
    const light = Math.round((Math.min(sample, largest) / largest) * 255);
    data[i] = kind.bitmap ? 255 - light : light;
  }
  return { height, width, data };
}
