import { access } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readCalibration } from "../calibration/read.ts";
import { readMap } from "../math/npy.ts";
import type { ErfRecord } from "../report/page/record.ts";
import { readNamed } from "../api/files.ts";

/** What the folder of `erfit calibrate` holds, as the page's record. */

/** The path of a file in the first folder that has it; null where none has. */
export async function found(folders: readonly string[], file: string): Promise<string | null> {
  for (const folder of folders) {
    const path = join(folder, file);
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (there) return path;
  }
  return null;
}

/** The calibration, with the map that lies beside it. */
export async function erfRecord(path: string): Promise<ErfRecord> {
  const calibration = await readCalibration(path);
  return { calibration, map: await mapFile(join(dirname(path), "erf.npy")) };
}

export const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

/** A map that the page can read, checked here: in the page there is nobody to complain to. */
export async function mapFile(path: string): Promise<string> {
  const bytes = await readNamed(path, "a map as a .npy file");
  readMap(bytes, path);
  return base64(bytes);
}
