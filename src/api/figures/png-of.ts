import { ErfitError } from "../../core/error.ts";
import { pngOf as drawn } from "../../report/png.ts";

/**
 * An SVG of `erfFigure` or `sheetFigure` as a PNG file, in the fonts that erfit brings.
 *
 * @param scale pixels for each unit of the drawing; 3 by default
 * @throws ErfitError where it is no SVG
 * @example
 * ```ts
 * import { pngOf } from "erfit/figures";
 *
 * const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="20" height="10"/></svg>`;
 * console.log(pngOf(svg).length > 0); // true
 * ```
 */
export function pngOf(svg: string, scale = 3): Uint8Array {
  if (typeof svg !== "string" || !svg.trimStart().startsWith("<"))
    throw new ErfitError("pngOf: expected an SVG as text");
  if (!(typeof scale === "number" && scale > 0 && Number.isFinite(scale)))
    throw new ErfitError("pngOf: the scale must be a number above 0");
  return drawn(svg, scale);
}
