import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { elementsOf, textsOf } from "../report/reading.ts";
import { expectPlainWords, folder, inCheckout, refusal, runProcess, samplePhotograph } from "./erfit.ts";
import { array, sound, written } from "./networks.ts";

/** File names that would drive a terminal or a browser. */
const escape = "\u001b[2J\u001b]0;owned\u0007.jpg";
const script = "<script>alert(1)<%2fscript>&amp;.jpg";

const network = written("\u001b[31mnet<b>.onnx", sound);
for (const name of [escape, script]) copyFileSync(samplePhotograph("cat.jpg"), join(folder, name));

describe.concurrent("names that files carry", () => {
  it("drive no terminal", async () => {
    const outcomes = await Promise.all([
      runProcess(["probe", network, escape, "--out", "probed"]),
      runProcess(["layers", network]),
      runProcess(["cam", network, escape, array("\u001bwrong.npy"), "--out", "explained"]),
    ]);
    for (const { code, stdout, stderr } of outcomes) {
      expect(code).toBe(0);
      expectPlainWords(stdout);
      expectPlainWords(stderr);
    }
    expect(await refusal(["probe", network, "\u001b[1mgone.jpg"])).toMatch(/gone\.jpg: no such file/);
    expect(readdirSync(join(folder, "explained")).join()).not.toMatch(/\p{Cc}/u);
  });

  it("drive no terminal in JSON either, which reads back to them", async () => {
    const name = "\u009b2J\u202e.npy";
    array(name);
    const { stdout, code } = await runProcess([
      "probe",
      network,
      name,
      array("good.npy"),
      "--out",
      "json",
      "--json",
    ]);
    expect(code).toBe(0);
    expectPlainWords(stdout);
    expect(stdout).not.toContain("\u202e");
    const [command] = /"command": .*/.exec(stdout) ?? [];
    expect(command).toContain("\\u009b2J\\u202e.npy");
  });

  it.each([
    ["report", "cams/cam.json", '"photograph": "cat.input.png"', '"photograph": "../../../secret.png"'],
    ["report", "cams/cam.json", '"grids": "cat.extended.grid.npy"', '"grids": "/etc/passwd"'],
    ["compare", "layers/layers.json", '"folder": "conv2d"', '"folder": "../elsewhere"'],
  ])("do not lead %s out of its folder by %s", async (command, record, sound, hostile) => {
    const results = mkdtempSync(join(folder, "results-"));
    cpSync(inCheckout("test/fixtures/results"), results, { recursive: true });
    const text = readFileSync(join(results, record), "utf8");
    expect(text).toContain(sound);
    writeFileSync(join(results, record), text.replace(sound, hostile));
    expect(await refusal([command, join(results, dirname(record))])).toMatch(
      / names ".*", which lies outside its folder/,
    );
  });

  it("do not put another file into a page in place of a photograph", async () => {
    const results = join(folder, "linked");
    cpSync(inCheckout("test/fixtures/results/cams"), results, { recursive: true });
    rmSync(join(results, "cat.input.png"));
    symlinkSync("/etc/hostname", join(results, "cat.input.png"));
    expect(await refusal(["report", results])).toMatch(/cat\.input\.png: no picture/);
  });

  it("stay text in a figure", async () => {
    const { code, stderr } = await runProcess(["cam", network, script, escape, "--sheet", "--out", "sheet"]);
    expect(code, stderr).toBe(0);
    const svg = readFileSync(join(folder, "sheet", "sheet.svg"), "utf8");
    expect(elementsOf(svg)).not.toContain("script");
    expect(svg).not.toMatch(/<script|<b>|[^\P{Cc}\n]/u);
    expect(textsOf(svg).some((text) => text.startsWith("<script>alert(1)"))).toBe(true);
    for (const file of readdirSync(join(folder, "sheet"))) expect(file).not.toMatch(/[<>]|\p{Cc}/u);
  });

  it("stay text in a calibration and its figure", async () => {
    const { code, stderr } = await runProcess(["calibrate", network, script, "--out", "calibrated"]);
    expect(code, stderr).toBe(0);
    const svg = readFileSync(join(folder, "calibrated", "erf.svg"), "utf8");
    expect(svg).not.toMatch(/<b>|[^\P{Cc}\n]/u);
  });
});
