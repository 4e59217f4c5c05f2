import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { camMethods } from "../../src/cam/methods.ts";
import { protocols } from "../../src/erf/protocols.ts";
import { maskings } from "../../src/evaluate/maskings.ts";
import { curves, metrics } from "../../src/evaluate/metrics.ts";
import { bibtexOf, paperOf, papers } from "../../src/report/bibtex.ts";
import { citations } from "../../src/tasks/cite.ts";
import { bundled } from "../reference.ts";

const folder = mkdtempSync(join(tmpdir(), "erfit-cite-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const keysOfAll = async (...of: Parameters<typeof citations>) =>
  (await citations(...of)).references.map(({ key }) => key);

describe("every source that a table names has an entry", () => {
  const sources = [
    ...[camMethods, metrics, curves, maskings].flatMap((table) =>
      Object.values(table as Record<string, { readonly paper: string }>).map(({ paper }) => paper),
    ),
    ...Object.values(protocols).map(({ source }) => source),
  ].filter((source) => source !== protocols.absolute.source);

  it.each([...new Set(sources)])("%s", (source) => {
    const paper = paperOf(source);
    expect(paper).toBeDefined();
    const year = /\b(?:19|20)\d\d\b/.exec(source)?.[0];
    // The paper on Extended-CAM appeared in 2021 as a preprint.
    if (year !== undefined && paper?.key !== "kim2023extending") expect(paper?.year).toBe(Number(year));
  });
});

describe("what is cited", () => {
  it("is erfit, the paper and the first study where nothing is named", async () => {
    expect(await keysOfAll({ method: undefined }, [])).toEqual([
      "erfit",
      "kim2023extending",
      "luo2016understanding",
    ]);
  });

  it("is each method once, by name or as a folder's record has it", async () => {
    writeFileSync(
      join(folder, "cam.json"),
      JSON.stringify({ columns: [{ method: "grad-cam" }, { method: "score-cam" }, { method: "extended" }] }),
    );
    const keys = await keysOfAll({ method: ["layercam", "grad-cam"] }, [folder]);
    expect(keys.slice(3)).toEqual(["jiang2021layercam", "selvaraju2017gradcam", "wang2020scorecam"]);
  });

  it("includes the metrics of an evaluation, and the protocol of a calibration", async () => {
    writeFileSync(
      join(folder, "evaluation.json"),
      JSON.stringify({
        columns: [{ method: "extended" }],
        rows: [{ measures: { drop: {}, gain: {} } }, { measures: { deletion: {} } }],
      }),
    );
    writeFileSync(join(folder, "calibration.json"), JSON.stringify({ protocol: "replknet" }));
    const keys = await keysOfAll({ method: undefined }, [folder]);
    for (const key of ["chattopadhay2018gradcampp", "zhang2024opticam", "petsiuk2018rise", "ding2022scaling"])
      expect(keys).toContain(key);
  });

  it("is refused of a folder without results, and of a record that is none", async () => {
    await expect(citations({ method: undefined }, [bundled("photos")])).rejects.toThrow(
      /none of calibration\.json/,
    );
    writeFileSync(join(folder, "calibration.json"), "{}");
    await expect(citations({ method: undefined }, [folder])).rejects.toThrow(/calibration\.json: no record/);
  });
});

it("an entry is BibTeX: balanced braces, a key, fields with values", () => {
  for (const paper of Object.values(papers)) {
    const text = bibtexOf(paper);
    expect(text).toMatch(/^@(article|inproceedings|misc)\{[a-z]+20\d\d[a-z]+,\n/);
    let depth = 0;
    for (const character of text) depth += character === "{" ? 1 : character === "}" ? -1 : 0;
    expect(depth).toBe(0);
    expect(text).not.toMatch(/= \{\}|undefined/);
  }
});
