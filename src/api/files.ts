import type { NdArray } from "ndarray";
import { z } from "zod";
import { requirePath } from "./call.ts";
import { readCalibration as readFile } from "../calibration/read.ts";
import { calibrationSchema, type Calibration } from "../calibration/schema.ts";
import { ErfitError } from "../core/error.ts";
import { readMapFile } from "../core/map-file.ts";
import { writeMap as npyOf } from "../core/npy.ts";
import { writeWhole, readNamed } from "../io/files.ts";
import { arrayOf, realMapOf, type MapLike } from "../tasks/arrays.ts";

/**
 * Reads a `calibration.json` and checks it against its schema (`erfit/calibration.schema.json`).
 *
 * @throws ErfitError where the file cannot be read, or is no calibration
 * @example
 * ```ts
 * import { readCalibration } from "erfit";
 *
 * const { fit, layer, model } = await readCalibration("test/fixtures/calibration/calibration.json");
 * console.log(model.file, layer.name, fit?.sigmaX.value, fit?.sigmaX.interval95);
 * ```
 */
export const readCalibration = async (file: string): Promise<Calibration> =>
  readFile(requirePath("readCalibration", file));

/**
 * Writes a calibration as JSON, whole or not at all; folders are made.
 *
 * @throws ErfitError where it is no calibration, or the file cannot be written
 * @example
 * ```ts
 * import { readCalibration, writeCalibration } from "erfit";
 *
 * const calibration = await readCalibration("test/fixtures/calibration/calibration.json");
 * await writeCalibration("outputs/example/calibration.json", calibration);
 * console.log(calibration.layer.name); // block5_conv3
 * ```
 */
export async function writeCalibration(file: string, calibration: Calibration): Promise<void> {
  const path = requirePath("writeCalibration", file);
  const { error } = calibrationSchema.safeParse(calibration);
  if (error !== undefined)
    throw new ErfitError(
      `writeCalibration: not an erfit calibration: ${z.prettifyError(error).split("\n").join(" ")}`,
    );
  await writeWhole(path, `${JSON.stringify(calibration, null, 2)}\n`);
}

/**
 * Reads a map from NumPy's `.npy`, or from a `.npz` that holds one array: any real array `[height, width]`, also with further
 * axes of extent 1; in float64.
 *
 * @throws ErfitError where the file cannot be read, is no `.npy`, or holds no map
 * @example
 * ```ts
 * import { readMap } from "erfit";
 *
 * const map = await readMap("test/erf/shape/maps/noisy.npy");
 * console.log(map.shape, map.get(0, 0));
 * ```
 */
export async function readMap(file: string): Promise<NdArray<Float64Array>> {
  const path = requirePath("readMap", file);
  return arrayOf(readMapFile(await readNamed(path, "a map as a .npy file"), path));
}

/**
 * Writes a map `[height, width]` as NumPy's `.npy`, float64, whole or not at all; folders are made.
 *
 * @throws ErfitError where it is no map, or the file cannot be written
 * @example
 * ```ts
 * import { readMap, writeMap } from "erfit";
 *
 * await writeMap("outputs/example/map.npy", [[1, 2], [3, 4]]);
 * console.log((await readMap("outputs/example/map.npy")).get(1, 0)); // 3
 * ```
 */
export async function writeMap(file: string, map: MapLike): Promise<void> {
  await writeWhole(requirePath("writeMap", file), npyOf(realMapOf(map, "writeMap: the map")));
}
