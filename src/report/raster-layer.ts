import { image, type Markish } from "@observablehq/plot";
import { encodeJpeg, encodePng, type Raster } from "../input/decode.ts";
import type { RealMap } from "../core/tensor.ts";
import { paint, type ColorMapName, type Range } from "./color.ts";

/** A PNG for use inside an SVG. */
export async function pngUrl(pixels: Uint8Array, width: number, height: number): Promise<string> {
  return urlOf("image/png", await encodePng(pixels, width, height));
}

/** A photograph, or a map over one, for use inside an SVG: a seventh of what its PNG would take. */
export const photographUrl = async (photograph: Raster): Promise<string> =>
  urlOf("image/jpeg", await encodeJpeg(photograph));

const urlOf = (type: string, file: Uint8Array): string =>
  `data:${type};base64,${Buffer.from(file).toString("base64")}`;

/** A picture over the whole frame of a panel. */
export const frameImage = (url: string, [width, height]: readonly [number, number]): Markish =>
  image([url], { src: String, frameAnchor: "middle", width, height, preserveAspectRatio: "none" });

/** The map in color over the whole frame of a panel; each pixel of a small map is a square, in every viewer. */
export async function mapLayer(
  map: RealMap,
  [colorMap, range]: readonly [ColorMapName, Range],
  frame: readonly [width: number, height: number],
): Promise<Markish> {
  const [height, width] = map.shape;
  // Viewers blur pictures that they enlarge: one of three pixels a unit, the usual print, they only reduce.
  const factor = width < frame[0] ? Math.ceil((3 * frame[0]) / width) : 1;
  const pixels = repeated(paint(map, colorMap, range), width, factor);
  return frameImage(await pngUrl(pixels, factor * width, factor * height), frame);
}

/** Each pixel (RGBA) as a square of factor x factor pixels. */
function repeated(rgba: Uint8Array, width: number, factor: number): Uint8Array {
  if (factor === 1) return rgba;
  const wide = width * factor;
  const squares = new Uint8Array(rgba.length * factor * factor);
  for (let pixel = 0; pixel < squares.length / 4; pixel++) {
    const [row, column] = [Math.floor(pixel / wide / factor), Math.floor((pixel % wide) / factor)];
    const from = 4 * (row * width + column);
    squares.set(rgba.subarray(from, from + 4), 4 * pixel);
  }
  return squares;
}
