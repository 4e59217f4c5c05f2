import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { upsampleOptions } from "../../src/api/upsample.ts";
import { camOptions } from "../../src/tasks/cam/cam.ts";
import { evaluateOptions } from "../../src/tasks/evaluate/evaluate.ts";
import { exportCamOptions } from "../../src/tasks/export/cam.ts";
import { exportErfOptions } from "../../src/tasks/export/erf.ts";
import { compareOptions } from "../../src/tasks/compare.ts";
import { mergeOptions } from "../../src/tasks/merge.ts";
import { fitTaskOptions } from "../../src/tasks/fit.ts";
import { gradientOptions } from "../../src/tasks/gradient/gradient.ts";
import type { OptionTable } from "../../src/tasks/option.ts";
import { openOptions } from "../../src/tasks/options/model.ts";
import { calibrateOptions, probeOptions } from "../../src/tasks/probe/probe.ts";

const reference = readFileSync("docs/api/erfit.md", "utf8");

/** The text of the reference on one interface. */
const sectionOf = (name: string): string =>
  reference.split(/^### /m).find((one) => one.startsWith(`${name}\n`)) ?? "";

const tables: Readonly<Record<string, OptionTable>> = {
  OpenModelOptions: openOptions,
  ProbeOptions: probeOptions,
  CalibrateOptions: calibrateOptions,
  CamOptions: camOptions,
  EvaluateOptions: evaluateOptions,
  GradientOptions: gradientOptions,
  UpsampleOptions: upsampleOptions,
  FitGaussianOptions: fitTaskOptions,
  ExportCamOptions: exportCamOptions,
  ExportErfOptions: exportErfOptions,
  MergeOptions: mergeOptions,
  CompareOptions: compareOptions,
};

describe("the API reference has every option of its tables", () => {
  it.each(Object.entries(tables))("%s", (name, table) => {
    const section = sectionOf(name);
    for (const key of Object.keys(table))
      expect(section, key).toMatch(new RegExp(`\`${key}\\?\` \\|.*\\| [^-|].*\\.`));
  });

  it("with the defaults, as a program writes them", () => {
    expect(sectionOf("EvaluateOptions")).toMatch(
      /`method\?`.*Default: `\["grad-cam","grad-cam\+\+","extended"\]`\./,
    );
    expect(sectionOf("CamOptions")).toMatch(/`layer\?`.*Default: the sidecar's, else the last\./);
    expect(sectionOf("CalibrateOptions")).toContain("(shuffle: 0)");
    expect(reference).not.toMatch(/[\uE000-\uE002]/);
  });
});
