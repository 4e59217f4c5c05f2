import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { calibrate, probe, readCalibration, writeCalibration } from "../../src/index.ts";
import { folder } from "../cli/erfit.ts";
import { inputs, opened, collected, untyped } from "./small.ts";

describe("calibrate, and a calibration's file", () => {
  it("is probe and fit in one; written and read it is the same", async () => {
    const model = await opened();
    const run = calibrate(model, inputs(8), { fitModel: "isotropic" });
    expect(await collected(run)).toHaveLength(8);
    const { map, calibration } = await run;
    expect(map.data).toEqual((await probe(model, inputs(8))).map.data);
    expect(calibration).toMatchObject({ model: { file: "net.onnx" }, fit: { model: "isotropic" } });
    expect(calibration.provenance.command).toBe("erfit as a library");
    const file = join(folder, "new", "calibration.json");
    await writeCalibration(file, calibration);
    expect(await readCalibration(file)).toEqual(calibration);
  });

  it("takes the images in a random order where it is to stop early", async () => {
    const model = await opened();
    const { calibration } = await calibrate(model, inputs(3), { until: 0.5 });
    expect(calibration.images.shuffled).toBe(0);
    expect(calibration.warnings.map(({ code }) => code)).toContain("TARGET_NOT_REACHED");
  });

  it("what is no calibration is neither read nor written", async () => {
    const file = join(folder, "no-calibration.json");
    writeFileSync(file, `{"format": "other"}`);
    await expect(readCalibration(file)).rejects.toThrow(/not an erfit calibration/);
    await expect(readCalibration(join(folder, "gone.json"))).rejects.toThrow(/cannot be read/);
    const wrong: unknown = { format: "erfit-calibration" };
    await expect(untyped(writeCalibration, [file, wrong])).rejects.toThrow(/not an erfit cal/);
  });
});
