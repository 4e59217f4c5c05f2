import { describe, expect, it } from "vitest";
import { differencesFrom, preprocessingDifferences } from "../../src/calibration/preprocessing-match.ts";
import { recordedPreprocessing, type Preprocessing } from "../../src/input/preprocessing.ts";
import { presets, resolvePreprocessing, type PresetName } from "../../src/input/resolve.ts";
import { keysOf } from "../../src/core/required.ts";

const of = (preset: PresetName): Preprocessing => resolvePreprocessing({ inputSize: [224, 224], preset });
const base = of("torchvision");

/** What a change of one preprocessing does: the settings that are refused, and those that warn. */
function verdict(there: Preprocessing, here: Preprocessing) {
  const { blocking, minor } = preprocessingDifferences(there, here);
  const names = (texts: readonly string[]) => texts.map((text) => text.replace(/:.*/, ""));
  return { refused: names(blocking), warned: names(minor) };
}

describe("a calibration's preprocessing and that of a run", () => {
  it.each<[what: string, change: Partial<Preprocessing>, refused: readonly string[]]>([
    ["another size", { resize: { rule: "shorterSide", to: 224, rounding: "down" } }, ["resize"]],
    ["another rule", { resize: { rule: "exact", size: [224, 224] } }, ["resize"]],
    ["no resizing", { resize: { rule: "none" } }, ["resize"]],
    ["another crop", { crop: { size: [192, 192], rounding: "nearest" } }, ["crop"]],
    ["pixels of 0 to 255", { scale: "0-255", mean: [0, 0, 0], std: [1, 1, 1] }, ["scale"]],
    ["a range of a quarter", { mean: [0, 0, 0], std: [1, 1, 1] }, ["scale"]],
  ])("%s is refused", (_, change, refused) => {
    expect(verdict({ ...base, ...change }, base).refused).toEqual(refused);
    expect(verdict(base, { ...base, ...change }).refused).toEqual(refused);
  });

  it.each<[change: Partial<Preprocessing>, warned: readonly string[]]>([
    [{ mean: [0.5, 0.5, 0.5] }, ["mean"]],
    [{ std: [0.25, 0.25, 0.25] }, ["std"]],
    [{ interpolation: "nearest" }, ["interpolation"]],
    [{ autoOrient: !base.autoOrient }, ["autoOrient"]],
    [{ channelOrder: "BGR", mean: [0.406, 0.456, 0.485], std: [0.225, 0.224, 0.229] }, ["channelOrder"]],
    [{ crop: { ...base.crop, rounding: "up" } }, ["crop"]],
    [{ crop: { ...base.crop, pad: { color: [0, 0, 0], rounding: "up" } } }, ["crop"]],
  ])("%o warns", (change, warned) => {
    expect(verdict({ ...base, ...change }, base)).toEqual({ refused: [], warned });
  });

  it("only how a fraction of a pixel is rounded warns", () => {
    const { resize } = base;
    if (!("rounding" in resize)) throw new Error("the preset rounds");
    const other = { ...base, resize: { ...resize, rounding: "up" } } as const;
    expect(verdict(other, base)).toEqual({ refused: [], warned: ["resize"] });
  });

  it("one preprocessing on two scales, rounded as people write it, is the same; so is one from elsewhere", () => {
    const levels = {
      ...base,
      source: "by hand",
      scale: "0-255",
      mean: [123.68, 116.28, 103.53],
      std: [58.4, 57.12, 57.38],
    } as const;
    expect(verdict(levels, base)).toEqual({ refused: [], warned: [] });
  });

  it("is read back from its record whole, for every preset; another record is none", () => {
    for (const preset of keysOf(presets)) {
      const record: unknown = JSON.parse(JSON.stringify(of(preset)));
      expect(recordedPreprocessing(record), preset).toEqual(of(preset));
      expect(differencesFrom({ preprocessing: { ...of(preset) } }, of(preset))).toEqual({
        blocking: [],
        minor: [],
      });
    }
    expect(differencesFrom({ preprocessing: { source: "sidecar" } }, base)).toBeUndefined();
  });

  it("the message has both values", () => {
    const { blocking, minor } = preprocessingDifferences(of("caffe"), of("tf"));
    expect(blocking).toEqual([
      "scale: 0-255 over std 1,1,1 (there), 0-255 over std 127.5,127.5,127.5 (here)",
    ]);
    expect(minor).toContain("mean: 103.9,116.8,123.7 (there), 127.5,127.5,127.5 (here)");
  });
});
