import { describe, expect, it } from "vitest";
import { fileURLToPath } from "node:url";
import { calibrationJsonSchema } from "../../src/calibration/schema.ts";
import { readJson } from "../reference.ts";

describe("the published schema", () => {
  it("is the one that calibrations are read with", () => {
    const published = fileURLToPath(new URL("../../schema/calibration.schema.json", import.meta.url));
    expect(readJson(published)).toEqual(calibrationJsonSchema());
  });
});
