import { dirname, join } from "node:path";
import { readCalibration } from "../../calibration/read.ts";
import { ErfitError } from "../../core/error.ts";
import { readMap } from "../../core/npy.ts";
import type { ErfRecord } from "../../report/page/record.ts";
import { isThere, readNamed } from "../../io/files.ts";

/** What the folders of `erfit calibrate` and `erfit cam` hold, as the page's records. */

export interface ReportFiles {
  /** Path of the calibration.json; null where there is none. */
  readonly calibration: string | null;
  /** Path of the cam.json; null where there is none. */
  readonly cams: string | null;
}

/** @throws {ErfitError} where a folder holds neither file, or two folders hold the same */
export async function reportFiles(folders: readonly string[]): Promise<ReportFiles> {
  const holders = async (file: string) => {
    const paths = folders.map((folder) => join(folder, file));
    const there = await Promise.all(paths.map(isThere));
    return paths.filter((_, place) => there[place]);
  };
  const [calibrations, cams] = [await holders("calibration.json"), await holders("cam.json")];
  const held = new Set([...calibrations, ...cams].map(dirname));
  for (const folder of folders)
    if (!held.has(dirname(join(folder, "cam.json"))))
      throw new ErfitError(`${folder}: neither calibration.json nor cam.json is there`, {
        remedy: "name the folder that `erfit calibrate` or `erfit cam` wrote",
      });
  return { calibration: only(calibrations), cams: only(cams) };
}

function only(paths: readonly string[]): string | null {
  const [path = null, second] = [...new Set(paths)];
  if (second !== undefined)
    throw new ErfitError(`${path ?? ""} and ${second}: a page shows one of them`, {
      remedy: "make a page for each; `erfit compare` puts calibrations beside each other",
    });
  return path;
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
