import { describe, expect, it } from "vitest";
import { onCommandLine } from "../../../src/core/error.ts";
import { camFiles, refuseUnreadFiles } from "../../../src/cli/cam.ts";
import { writingsFrom } from "../../../src/tasks/cam/files.ts";
import { defaultsOf } from "../../../src/tasks/option.ts";
import { thrown } from "../../thrown.ts";

describe("options of a sheet", () => {
  const refusal = (given: Partial<Parameters<typeof refuseUnreadFiles>[0]>) =>
    onCommandLine(
      thrown(() => {
        refuseUnreadFiles({ ...defaultsOf(camFiles), ...given });
      }).marked.message,
    );

  it("without one are refused", () => {
    expect(refusal({ sheetRows: 3 })).toMatch(/--sheet-rows is for --sheet/);
    expect(refusal({ colorScale: "row" })).toMatch(/--color-scale is for --sheet/);
  });

  it("with one pass", () => {
    const given = { ...defaultsOf(camFiles), sheet: true, sheetRows: 3, colorScale: "row" } as const;
    expect(() => {
      refuseUnreadFiles(given);
    }).not.toThrow();
  });
});

describe("what is to be written", () => {
  it("is each kind once, or none alone", () => {
    expect(writingsFrom(["maps", "maps", "grids"])).toEqual(["maps", "grids"]);
    expect(writingsFrom(["none"])).toEqual([]);
    expect(() => writingsFrom(["none", "maps"])).toThrow(/none stands alone/);
  });
});
