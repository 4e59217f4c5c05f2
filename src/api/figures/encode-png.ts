import { encodePng as encoded } from "../../input/decode.ts";
import type { RealArray } from "../arrays.ts";
import { rasterOf } from "./photograph.ts";

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
  return encoded(data, width, height);
}
