import type { Raster } from "../input/raster.ts";
import { ErfitError } from "../core/error.ts";
import type { RealMap } from "../core/tensor.ts";
import { paint, rangeOf, type ColorMapName, type Range } from "./color.ts";

/** How a map lies over a photograph. */
export interface OverlayStyle {
  readonly colorMap: ColorMapName;
  /** Share of the colors in the mixture, 0 to 1. */
  readonly alpha: number;
  /** The values at the two ends of the colors: the map's `own` least and greatest, or a range that several maps share. */
  readonly range: "own" | Range;
}

/** Turbo, as overlays of heat maps are read by hue over a photograph's own lightness; half of each. */
export const overlayStyle = { colorMap: "turbo", alpha: 0.5, range: "own" } as const satisfies OverlayStyle;

/**
 * A class activation map over the photograph that it explains, of the same height and width. Colors run from the least to
 * the greatest value, as in the paper's figures: Extended-CAM has no ReLU, and its negative cells are cold, not absent.
 * @throws {ErfitError} where the extents differ
 */
export function overlay(photograph: Raster, map: RealMap, style: OverlayStyle = overlayStyle): Raster {
  const { height, width } = photograph;
  if (map.shape[0] !== height || map.shape[1] !== width)
    throw new ErfitError(
      `overlay: the map is ${map.shape[0]} x ${map.shape[1]} pixels, the photograph ${height} x ${width}; they must be equal`,
      { kind: "failure" },
    );
  const colors = paint(map, style.colorMap, style.range === "own" ? rangeOf(map) : style.range);
  const data = new Uint8Array(photograph.data.length);
  for (let pixel = 0; pixel < height * width; pixel++) {
    const alpha = (style.alpha * (colors[4 * pixel + 3] ?? 0)) / 255;
    for (let channel = 0; channel < 3; channel++) {
      const light = photograph.data[3 * pixel + channel] ?? 0;
      data[3 * pixel + channel] = Math.round(
        (1 - alpha) * light + alpha * (colors[4 * pixel + channel] ?? 0),
      );
    }
  }
  return { height, width, data };
}
