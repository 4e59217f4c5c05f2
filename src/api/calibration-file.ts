import { readCalibration as readFile } from "../calibration/read.ts";
import { calibrationSchema, type Calibration } from "../calibration/schema.ts";
import { z } from "zod";
import { ErfitError } from "../core/error.ts";
import { writeWhole } from "../io/files.ts";
import { requirePath } from "./call.ts";

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
