import type nsbmp from "@cwasm/nsbmp";
import type { Raster } from "../raster.ts";
import { refusePixels, UnsupportedFormat } from "./unsupported.ts";

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
  for (let pixel = 0; pixel < width * height; pixel++)
    data.set(rgba.subarray(pixel * 4, pixel * 4 + 3), pixel * 3);
  return { height, width, data };
}
