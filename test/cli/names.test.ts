import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { elementsOf, textsOf } from "../report/reading.ts";
import { expectPlainWords, folder, refusal, run, samplePhotograph } from "./erfit.ts";
import { array, sound, written } from "./networks.ts";

/** File names that would drive a terminal or a browser. */
const escape = "\u001b[2J\u001b]0;owned\u0007.jpg";
const script = "<script>alert(1)<%2fscript>&amp;.jpg";

const network = written("\u001b[31mnet<b>.onnx", sound);
for (const name of [escape, script]) copyFileSync(samplePhotograph("cat.jpg"), join(folder, name));

describe.concurrent("names that files carry", () => {
  it("drive no terminal", async () => {
    const outcomes = await Promise.all([
      run(["probe", network, escape, "--out", "probed"]),
      run(["layers", network]),
      run(["cam", network, escape, array("\u001bwrong.npy"), "--out", "explained"]),
    ]);
    for (const { code, stdout, stderr } of outcomes) {
      expect(code).toBe(0);
      expectPlainWords(stdout);
      expectPlainWords(stderr);
    }
    expect(await refusal(["probe", network, "\u001b[1mgone.jpg"])).toMatch(/gone\.jpg: no such file/);
    expect(readdirSync(join(folder, "explained")).join()).not.toMatch(/\p{Cc}/u);
  });

  it("stay text in a figure", async () => {
    const { code, stderr } = await run(["cam", network, script, escape, "--sheet", "--out", "sheet"]);
    expect(code, stderr).toBe(0);
    const svg = readFileSync(join(folder, "sheet", "sheet.svg"), "utf8");
    expect(elementsOf(svg)).not.toContain("script");
    expect(svg).not.toMatch(/<script|<b>|[^\P{Cc}\n]/u);
    expect(textsOf(svg).some((text) => text.startsWith("<script>alert(1)"))).toBe(true);
    for (const file of readdirSync(join(folder, "sheet"))) expect(file).not.toMatch(/[<>]|\p{Cc}/u);
  });

  it("stay text in a calibration and its figure", async () => {
    const { code, stderr } = await run(["calibrate", network, script, "--out", "calibrated"]);
    expect(code, stderr).toBe(0);
    const svg = readFileSync(join(folder, "calibrated", "erf.svg"), "utf8");
    expect(svg).not.toMatch(/<b>|[^\P{Cc}\n]/u);
  });
});
