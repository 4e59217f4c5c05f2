import type { Raster } from "../../../../input/decode.ts";
import { readMap } from "../../../../core/npy.ts";
import type { RealMap } from "../../../../core/tensor.ts";

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

export const mapOf = (npy: string, name: string): RealMap => readMap(bytesOf(npy), name);

/** The pixels of a PNG as they were written: no color conversion, and a photograph has no transparency. */
export async function photographOf(png: string): Promise<Raster> {
  const bitmap = await createImageBitmap(new Blob([bytesOf(png)], { type: "image/png" }), {
    colorSpaceConversion: "none",
    premultiplyAlpha: "none",
  });
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("the browser gives no canvas");
  context.drawImage(bitmap, 0, 0);
  const rgba = context.getImageData(0, 0, width, height).data;
  const data = new Uint8Array(3 * width * height);
  for (let pixel = 0; pixel < width * height; pixel++)
    data.set(rgba.subarray(4 * pixel, 4 * pixel + 3), 3 * pixel);
  return { height, width, data };
}
