import type { NdArray } from "ndarray";
import { readMapFile } from "../core/map-file.ts";
import { writeMap as npyOf } from "../core/npy.ts";
import { arrayOf, realMapOf, type MapLike } from "../tasks/arrays.ts";
import { readNamed, writeWhole } from "../io/files.ts";
import { requirePath } from "./call.ts";

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
