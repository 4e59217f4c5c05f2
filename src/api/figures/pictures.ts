import ndarray, { type NdArray } from "ndarray";
import { z } from "zod";
import { ErfitError } from "../../core/error.ts";
import { keysOf } from "../../core/required.ts";
import { encodePng as pngBytes } from "../../input/decode.ts";
import type { Raster } from "../../input/raster.ts";
import { colorMaps } from "../../report/color.ts";
import { overlay as laid, overlayStyle, type OverlayStyle } from "../../report/overlay.ts";
import { pngOf as drawn } from "../../report/png.ts";
import { realArray, type RealArray, realMapOf, type MapLike } from "../../tasks/arrays.ts";
import { checkedFields } from "../../tasks/check.ts";

/** @throws ErfitError where it is no picture `[height, width, 3]` of whole numbers from 0 to 255 */
export function rasterOf(given: RealArray, what: string): Raster {
  const { shape, data } = realArray(given, what);
  const [height = 0, width = 0, channels] = shape;
  if (shape.length !== 3 || channels !== 3 || height * width === 0)
    throw new ErfitError(`${what}: expected [height, width, 3], found shape [${shape.join(", ")}]`);
  if (!data.every((value) => Number.isInteger(value) && value >= 0 && value <= 255))
    throw new ErfitError(`${what}: expected whole numbers from 0 to 255`);
  return { height, width, data: Uint8Array.from(data) };
}

/** A picture as an `ndarray`, over the same memory. */
const pictureOf = ({ height, width, data }: Raster): NdArray<Uint8Array> => ndarray(data, [height, width, 3]);

/**
 * A picture as a PNG file.
 *
 * @param picture `[height, width, 3]`, RGB, 0 to 255
 * @throws ErfitError where it is no such picture
 * @example
 * ```ts
 * import ndarray from "ndarray";
 * import { encodePng } from "erfit/figures";
 *
 * const png = await encodePng(ndarray(new Uint8Array(8 * 8 * 3), [8, 8, 3]));
 * console.log(new TextDecoder().decode(png.subarray(1, 4))); // PNG
 * ```
 */
export async function encodePng(picture: RealArray): Promise<Uint8Array> {
  const { data, width, height } = rasterOf(picture, "encodePng: the picture");
  return pngBytes(data, width, height);
}

/** How a map lies over a photograph. */
export type OverlayOptions = { readonly [K in keyof OverlayStyle]?: OverlayStyle[K] | undefined };

const checks: { readonly [K in keyof OverlayOptions]-?: z.ZodType<OverlayOptions[K]> } = {
  colorMap: z.enum(keysOf(colorMaps)).optional(),
  alpha: z.number().min(0).max(1).optional(),
  range: z.union([z.literal("own"), z.tuple([z.number(), z.number()])]).optional(),
};

/**
 * A class activation map over the photograph that it explains: colors from the map's least to its greatest value (`range`),
 * mixed into the photograph by `alpha`.
 *
 * @param photograph `[height, width, 3]`, RGB, 0 to 255, as `cam` gives it
 * @param map `[height, width]`
 * @returns a picture like the photograph; `encodePng` makes a file of it
 * @throws ErfitError for wrong arguments, or where the sizes differ
 * @example
 * ```ts
 * import ndarray from "ndarray";
 * import { upsample } from "erfit";
 * import { encodePng, overlay } from "erfit/figures";
 *
 * const photograph = ndarray(new Uint8Array(32 * 48 * 3).fill(128), [32, 48, 3]);
 * const map = upsample([[0, 1], [2, 3]], [32, 48]);
 * const picture = overlay(photograph, map, { alpha: 0.6 });
 * console.log(picture.shape, (await encodePng(picture)).length); // [ 32, 48, 3 ] …
 * ```
 */
export function overlay(
  photograph: RealArray,
  map: MapLike,
  options: OverlayOptions = {},
): NdArray<Uint8Array> {
  const { colorMap, alpha, range } = checkedFields("overlay", checks, options);
  const style = {
    colorMap: colorMap ?? overlayStyle.colorMap,
    alpha: alpha ?? overlayStyle.alpha,
    range: range ?? overlayStyle.range,
  };
  const raster = rasterOf(photograph, "overlay: the photograph");
  return pictureOf(laid(raster, realMapOf(map, "overlay: the map"), style));
}

/**
 * An SVG of `erfFigure` or `sheetFigure` as a PNG file, in the fonts that erfit brings.
 *
 * @param scale pixels for each unit (1/96 inch) of the drawing; by default 3, or 300 dots an inch of a drawing that was given a
 * `width`
 * @throws ErfitError where it is no SVG
 * @example
 * ```ts
 * import { pngOf } from "erfit/figures";
 *
 * const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="20" height="10"/></svg>`;
 * console.log(pngOf(svg).length > 0); // true
 * ```
 */
export function pngOf(svg: string, scale?: number): Uint8Array {
  if (typeof svg !== "string" || !svg.trimStart().startsWith("<"))
    throw new ErfitError("pngOf: expected an SVG as text");
  if (scale !== undefined && !(typeof scale === "number" && scale > 0 && Number.isFinite(scale)))
    throw new ErfitError("pngOf: the scale must be a number above 0");
  return drawn(svg, scale);
}

/**
 * An SVG of `erfFigure` or `sheetFigure` as a PDF file of one page of its size: lines stay lines, letters stay letters, and the
 * fonts are in the file. The same SVG gives the same bytes.
 *
 * @throws ErfitError where it is no SVG of a figure
 * @example
 * ```ts
 * import { readMap } from "erfit";
 * import { erfFigure, pdfOf } from "erfit/figures";
 *
 * const map = await readMap("test/erf/shape/maps/noisy.npy");
 * const { svg } = await erfFigure({ map, width: "3.35in", fontSize: "7pt", mapOnly: true });
 * const pdf = await pdfOf(svg);
 * console.log(new TextDecoder().decode(pdf.subarray(0, 5))); // %PDF-
 * ```
 */
export async function pdfOf(svg: string): Promise<Uint8Array> {
  if (typeof svg !== "string" || !/^\s*<svg[^>]*? width="[\d.]+(in)?"/.test(svg))
    throw new ErfitError("pdfOf: expected the SVG of a figure, with a width");
  return (await import("../../report/pdf.ts")).pdfOf(svg);
}
