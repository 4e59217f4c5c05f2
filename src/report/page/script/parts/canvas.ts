import type { Raster } from "../../../../input/decode.ts";
import type { RealMap } from "../../../../core/tensor.ts";
import { paint, rampOf, type ColorMapName, type Range } from "../../../color.ts";

/** Puts RGBA bytes on a canvas, which takes their extents. */
function show(canvas: HTMLCanvasElement, rgba: Uint8Array, width: number, height: number): void {
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d")?.putImageData(new ImageData(new Uint8ClampedArray(rgba), width, height), 0, 0);
}

export const showMap = (
  canvas: HTMLCanvasElement,
  map: RealMap,
  colorMap: ColorMapName,
  range: Range,
): void => {
  show(canvas, paint(map, colorMap, range), map.shape[1], map.shape[0]);
};

export function showRaster(canvas: HTMLCanvasElement, { height, width, data }: Raster): void {
  const rgba = new Uint8Array(4 * height * width).fill(255);
  for (let pixel = 0; pixel < height * width; pixel++)
    rgba.set(data.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel);
  show(canvas, rgba, width, height);
}

/** The colors from low to high, as a strip of one row. */
export function showRamp(canvas: HTMLCanvasElement, colorMap: ColorMapName): void {
  const ramp = rampOf(colorMap);
  show(canvas, ramp, ramp.length / 4, 1);
}
