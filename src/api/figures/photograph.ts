import ndarray, { type NdArray } from "ndarray";
import type { Raster } from "../../input/decode.ts";
import { ErfitError } from "../../core/error.ts";
import { realArray, type RealArray } from "../arrays.ts";

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
export const pictureOf = ({ height, width, data }: Raster): NdArray<Uint8Array> =>
  ndarray(data, [height, width, 3]);
