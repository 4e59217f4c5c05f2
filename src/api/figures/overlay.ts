import type { NdArray } from "ndarray";
import { z } from "zod";
import { keysOf } from "../../core/required.ts";
import { colorMaps } from "../../report/color.ts";
import { overlay as laid, overlayStyle, type OverlayStyle } from "../../report/overlay.ts";
import { realMapOf, type MapLike, type RealArray } from "../arrays.ts";
import { checked, type OptionChecks } from "../check.ts";
import { pictureOf, rasterOf } from "./photograph.ts";

/** How a map lies over a photograph. */
export type OverlayOptions = { readonly [K in keyof OverlayStyle]?: OverlayStyle[K] | undefined };

const checks: OptionChecks<OverlayOptions> = {
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
  const { colorMap, alpha, range } = checked("overlay", checks, options);
  const style = {
    colorMap: colorMap ?? overlayStyle.colorMap,
    alpha: alpha ?? overlayStyle.alpha,
    range: range ?? overlayStyle.range,
  };
  const raster = rasterOf(photograph, "overlay: the photograph");
  return pictureOf(laid(raster, realMapOf(map, "overlay: the map"), style));
}
