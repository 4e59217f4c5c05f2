import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { z } from "zod";
import type { Preprocessing } from "../../src/input/preprocessing.ts";
import { resolvePreprocessing } from "../../src/input/resolve.ts";
import { camsRecord, erfRecord } from "../../src/tasks/report.ts";
import { writeResults } from "../report/page/results.ts";

const folder = mkdtempSync(join(tmpdir(), "erfit-report-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const unit = resolvePreprocessing({ inputSize: [80, 96], preset: "unit" });

/** The page's record of maps that were drawn with one preprocessing, beside a calibration of another. */
async function beside(there: Preprocessing, here: Preprocessing, warnings: readonly object[] = []) {
  const [calibration, cams] = await writeResults(folder);
  const changed = (path: string, change: object): string => {
    const document = z.looseObject({}).parse(JSON.parse(readFileSync(path, "utf8")));
    writeFileSync(path, JSON.stringify({ ...document, ...change }));
    return path;
  };
  const erf = await erfRecord(changed(join(calibration, "calibration.json"), { preprocessing: there }));
  const record = await camsRecord(changed(join(cams, "cam.json"), { preprocessing: here, warnings }), erf);
  return {
    codes: record.warnings.map(({ code }) => code),
    messages: record.warnings.map(({ message }) => message).join(),
    interval: record.gaussian?.sigmaX.interval95,
  };
}

it("a page of maps with their calibration has its intervals, and the maps' warnings", async () => {
  const lattice = { code: "SIGMA_BELOW_STRIDE", message: "Sigma is narrow." };
  expect(await beside(unit, unit)).toMatchObject({
    codes: [],
    interval: [expect.any(Number), expect.any(Number)],
  });
  expect((await beside(unit, unit, [lattice])).codes).toEqual(["SIGMA_BELOW_STRIDE"]);
});

it("a calibration of other preprocessing gets a warning; where sigma is another quantity, no interval either", async () => {
  const shifted = await beside(unit, { ...unit, mean: [0.2, 0.2, 0.2] });
  expect(shifted.codes).toEqual(["OTHER_PREPROCESSING"]);
  expect(shifted.messages).toMatch(/mean: 0,0,0 \(there\), 0\.2,0\.2,0\.2 \(here\)/);
  expect(shifted.interval).not.toBeNull();
  const scaled = await beside(unit, { ...unit, scale: "0-255" });
  expect(scaled).toMatchObject({ codes: ["OTHER_PREPROCESSING"], interval: null });
});
