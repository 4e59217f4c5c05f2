import { cpSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { inCheckout, folder, json, run, samplePhotograph } from "./erfit.ts";

/** What is printed: in a few lines by default, everything with --verbose, errors alone with --quiet, JSON with --json. */

const network = join(folder, "net.onnx");
const photographs = ["cat.jpg", "rocket.jpg", "coffee.jpg", "raccoon.jpg"].map(samplePhotograph);
const calibrate = ["calibrate", network, ...photographs, "--layer", "layer3"];

let first: Awaited<ReturnType<typeof run>>;
beforeAll(async () => {
  cpSync(inCheckout("test/fixtures/gradients/resnet_tiny/model.onnx"), network);
  first = await run([...calibrate, "--crops", "2", "--out", "first"]);
  await run([...calibrate, "--out", "second"]);
});

describe("erfit calibrate prints", () => {
  it("sigma with its interval, R², the warnings and the files, and no more", () => {
    const lines = first.stdout.trimEnd().split("\n");
    const number = String.raw`[\d.]+`;
    expect(lines[0]).toBe("net.onnx, layer3, cell 3,3, openerf: 8 views of 4 photographs");
    for (const [line, name] of [lines[1], lines[2]].map((text, k) => [text, "XY"[k]] as const))
      expect(line).toMatch(
        new RegExp(`^sigma_${name} +${number} ± ${number} px +95 % interval ${number} … ${number} px$`),
      );
    expect(lines[3]).toMatch(/^R² +0\.\d{4}$/);
    expect(lines.at(-1)).toBe("-> first: calibration.json, erf.npy, erf.svg, erf.png");
    expect(lines.slice(4, -1).every((line) => /^(warning [A-Z_]+:| {2})/.test(line))).toBe(true);
  });

  it("the rest with --verbose", async () => {
    const { stdout } = await run([...calibrate, "--verbose", "--out", "verbose"]);
    for (const part of ["center x", "correlation", "1 - SSE/SST", "FWHM", "side of the square", "(OpenERF)"])
      expect(stdout).toContain(part);
    const several = await run([
      "calibrate",
      network,
      ...photographs,
      "-l",
      "layer[23]",
      "--verbose",
      "--out",
      "s",
    ]);
    expect(several.stdout.match(/^correlation/gm)).toHaveLength(2);
  });
});

describe.concurrent("--quiet prints errors alone", () => {
  const silent: readonly (readonly string[])[] = [
    [...calibrate, "--out", "a"],
    ["calibrate", network, ...photographs, "-l", "stages", "--out", "b"],
    [...calibrate, "--shard", "1/20", "--out", "c"],
    ["probe", network, ...photographs, "--out", "d"],
    ["cam", network, ...photographs, "--out", "e"],
    ["evaluate", network, ...photographs, "-m", "grad-cam", "--out", "f"],
    ["compare", "first", "second", "--out", "g"],
    ["report", "first", "--out", "h.html"],
    ["export", "cam", network, "--method", "grad-cam", "--out", "i.onnx"],
    ["export", "erf", network, "--out", "j.onnx"],
    ["gradient", network, photographs[0] ?? "", "--target", "linear", "--index", "3", "--out", "k.npy"],
  ];

  it.each(silent.map((args) => [args.slice(0, 2).join(" ").replace(folder, ""), args] as const))(
    "%s",
    async (_, args) => {
      expect(await run([...args, "--quiet"])).toEqual({ code: 0, stdout: "", stderr: "" });
    },
  );

  it("but what layers and fit were run to print", async () => {
    const layers = await run(["layers", network, "-q"]);
    expect(layers).toMatchObject({ code: 0, stderr: "" });
    expect(layers.stdout).toContain("layer4");
    const fit = await run(["fit", "first/erf.npy", "-q"]);
    expect(fit).toMatchObject({ code: 0, stderr: "" });
    expect(fit.stdout).toContain("sigma_X");
  });

  it("and errors", async () => {
    const { code, stdout, stderr } = await run(["layers", "there-is-none.onnx", "-q"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^erfit: there-is-none\.onnx: no such file[^\n]*\n$/);
  });

  it("and the document, where one is asked for", async () => {
    const { stdout, stderr } = await run([...calibrate, "--quiet", "--json", "--out", "l"]);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({
      format: "erfit-calibration",
      images: { views: 4, photographs: 4 },
    });
  });
});

describe.concurrent("--json prints one document", () => {
  const failure = z.strictObject({
    error: z.strictObject({
      message: z.string(),
      remedy: z.string().nullable(),
      kind: z.enum(["input", "failure"]),
      exitCode: z.int(),
    }),
  });

  it.each([
    ["a missing file", ["layers", "there-is-none.onnx"], /no such file/],
    ["an unknown option", ["layers", network, "--layr", "x"], /unknown option --layr/],
    ["a wrong value", ["cam", network, ...photographs, "-m", "gradcam"], /--method: expected/],
    ["a missing argument", ["calibrate"], /calibrate needs MODEL/],
    ["a missing layer", ["probe", network, ...photographs, "-l", "layr4"], /no layer named "layr4"/],
  ])("of a failure: %s", async (_, args, words) => {
    const { code, stdout, stderr } = await run([...args, "--json"]);
    const { error } = failure.parse(JSON.parse(stdout));
    expect(error.message).toMatch(words);
    expect(error).toMatchObject({ kind: "input", exitCode: 2 });
    expect(code).toBe(2);
    const line = `erfit: ${error.message}${error.remedy === null ? "" : ` — ${error.remedy}`}\n`;
    expect(stderr.endsWith(line)).toBe(true);
  });

  it("and not the text beside it", async () => {
    const { stdout, stderr } = await run(["layers", network, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ model: { file: "net.onnx" } });
    expect(stderr).toBe("");
    expect(await json(["fit", "first/erf.npy"])).toMatchObject({ fit: { model: "gaussian" } });
  });
});
