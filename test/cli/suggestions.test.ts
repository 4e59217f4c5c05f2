import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sound, written } from "./networks.ts";
import { folder, refusal, run, samplePhotograph } from "./erfit.ts";

const cat = samplePhotograph("cat.jpg");
const network = written("net.onnx", sound);

describe.concurrent("a slip is met with what was meant", () => {
  it.each([
    ["an option", ["layers", network, "--layr", "x"], /unknown option --layr — did you mean --layer\?/],
    ["with its value", ["layers", network, "--layr=x"], /unknown option --layr — did you mean --layer\?/],
    ["negated", ["cam", network, cat, "--no-sheat"], /unknown option --sheat — did you mean --sheet\?/],
    ["in one word", ["layers", network, "--inputshape", "1"], /--inputshape — did you mean --input-shape\?/],
    ["its beginning", ["cam", network, cat, "--upsampl", "nearest"], /did you mean --upsampling\?/],
    ["in British", ["cam", network, cat, "--normalise", "none"], /did you mean --normalize\?/],
    ["of all commands", ["layers", network, "--quite"], /did you mean --quiet\?/],
    ["of a command within one", ["export", "cam", network, "--metod", "cam"], /did you mean --method\?/],
    ["a command", ["calibrat", network], /no such command: calibrat — did you mean calibrate\?/],
    ["one within one", ["export", "camm", network], /no such command: export camm — did you mean cam\?/],
    ["a method", ["cam", network, cat, "-m", "gradcam"], /found 'gradcam' — did you mean "grad-cam"\?/],
    ["one of several", ["cam", network, cat, "-m", "cam", "gradcam++"], /did you mean "grad-cam\+\+"\?/],
    ["with an upsampling", ["cam", network, cat, "-m", "gradcam:guassian"], /mean "grad-cam:gaussian"\?/],
    ["an upsampling", ["cam", network, cat, "-u", "bilinar"], /did you mean "bilinear"\?/],
    ["a control", ["evaluate", network, cat, "--control", "suffled"], /did you mean "shuffled"\?/],
    ["a protocol", ["probe", network, cat, "--protocol", "open-erf"], /did you mean "openerf"\?/],
    ["a fit model", ["fit", "erf.npy", "--fit-model", "gausian"], /did you mean "gaussian"\?/],
    ["a kind of file", ["cam", network, cat, "--write", "overlay"], /did you mean "overlays"\?/],
    ["preprocessing", ["probe", network, cat, "--preprocessing", "tim"], /did you mean "timm"\?/],
    ["a curve", ["evaluate", network, cat, "--curve", "deletions"], /did you mean "deletion"\?/],
    ["a layer", ["probe", network, cat, "--layer", "stm"], /no layer named "stm" — nearest names: stem/],
    ["a target", ["gradient", network, cat, "--target", "logit"], /nearest names: logits/],
    ["an output", ["cam", network, cat, "--output", "logit"], /nearest names: logits/],
    ["a file", ["layers", network.replace(".onnx", ".onx")], /no such file — did you mean .*net\.onnx\?/],
    ["a folder", ["probe", network, cat.replace(/photos.*/, "photoes")], /did you mean .*photos\?/],
  ])("%s", async (_, args, words) => {
    expect(await refusal(args)).toMatch(words);
  });

  it("a calibration", async () => {
    writeFileSync(join(folder, "calibration.json"), "{}");
    const line = await refusal(["cam", network, cat, "-c", "calibraton.json"]);
    expect(line).toMatch(/did you mean calibration\.json\?/);
  });

  it("what is not alike is met with what there is alone", async () => {
    const line = await refusal(["layers", network, "--frobnicate"]);
    expect(line).toBe("erfit: unknown option --frobnicate — `erfit layers --help` lists the options");
  });
});

describe.concurrent("what is missing is named, with an example", () => {
  it.each([
    [
      "all",
      ["calibrate"],
      /calibrate needs MODEL \(ONNX file.*\) and PHOTOGRAPHS \(.*\) — for example `erfit calibrate /,
    ],
    ["one", ["calibrate", network], /calibrate needs PHOTOGRAPHS \(folders.*for example `erfit calibrate /],
    ["of a command within one", ["export", "erf"], /export erf needs MODEL .*for example `erfit export erf /],
    ["folders", ["merge"], /merge needs FOLDERS .*for example `erfit merge /],
    ["the command within one", ["export"], /name what to export: cam or erf/],
    [
      "an option's value",
      ["probe", network, cat, "--cell"],
      /--cell needs a value — row,column of the feature map/,
    ],
  ])("%s", async (_, args, words) => {
    expect(await refusal(args)).toMatch(words);
  });
});

it("without a command erfit shows its help", async () => {
  const [bare, help] = await Promise.all([run([]), run(["--help"])]);
  expect(bare).toEqual({ ...help, code: 0 });
  expect(bare.stdout).toMatch(/^ +erfit calibrate <model> <photographs\.\.>/m);
  expect((await run(["-q"])).stdout).toBe(help.stdout);
});
