import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { textsOf } from "../report/reading.ts";
import { folder, inCheckout, json, refusal, run, samplePhotograph } from "./erfit.ts";

/** A network whose exporter's modules lie in a root: its `layer4` ends in the tensor relu_11. */
const network = join(folder, "net.onnx");
const photographs = ["cat.jpg", "rocket.jpg", "coffee.jpg", "raccoon.jpg"].map(samplePhotograph);
const layer4 = { label: "layer4", name: "relu_11", module: "m.layer4.0.act2" };
const out = "outputs/net.layer4";
const calibration = join(out, "calibration.json");

const written = (path: string): string => readFileSync(join(folder, path), "utf8");
const layerIn = (path: string): unknown =>
  z.looseObject({ layer: z.unknown() }).parse(JSON.parse(written(path))).layer;

/** Nowhere the tensor's name without the one that was asked for. */
const named = (text: string): void => {
  expect(text).toContain("layer4");
  expect(text.replaceAll('"layer4" (tensor "relu_11")', "")).not.toContain("relu_11");
};

let calibrated: Awaited<ReturnType<typeof run>>;
beforeAll(async () => {
  cpSync(inCheckout("test/fixtures/gradients/resnet_tiny/model.onnx"), network);
  calibrated = await run(["calibrate", network, ...photographs, "--layer", "layer4"]);
  expect(calibrated.code, calibrated.stderr).toBe(0);
});

it("calibrate: lines, folder, record, figure", () => {
  named(calibrated.stdout);
  named(calibrated.stderr);
  expect(layerIn(calibration)).toMatchObject(layer4);
  const title = textsOf(written(join(out, "erf.svg")));
  expect(title.some((text) => text.includes("net.onnx, layer4"))).toBe(true);
});

it("probe", async () => {
  const { stdout, stderr } = await run(["probe", network, ...photographs, "-l", "layer4", "--out", "probed"]);
  named(stdout);
  named(stderr);
  expect(layerIn("probed/probe.json")).toMatchObject(layer4);
});

it("cam and report: lines, record, sheet, page", async () => {
  const of = ["-l", "layer4", "-c", calibration, "--any-calibration", "--out", "cams", "--sheet"];
  const { code, stdout, stderr } = await run(["cam", network, ...photographs, ...of]);
  expect(code, stderr).toBe(0);
  named(`layer4 ${stdout}`);
  named(stderr);
  expect(layerIn("cams/cam.json")).toMatchObject(layer4);
  expect(written("cams/sheet.svg")).toContain("<title>net.onnx, layer4</title>");
  const report = await run(["report", out, "cams"]);
  named(report.stdout);
  expect(/"title": ?"net\.onnx, layer4"/.test(written(join(out, "report.html")))).toBe(true);
});

it("evaluate: lines, folder, record", async () => {
  const of = ["-l", "layer4", "-c", calibration, "-m", "grad-cam", "--control", "random"];
  const { code, stderr } = await run(["evaluate", network, ...photographs, ...of]);
  expect(code, stderr).toBe(0);
  named(stderr);
  expect(layerIn("outputs/net.layer4.evaluation/evaluation.json")).toMatchObject(layer4);
  expect(written("outputs/net.layer4.evaluation/evaluation.md")).toContain("Evaluation of net.onnx, layer4");
});

it("stages: a folder and a label each, also in the comparison", async () => {
  const calibrations = await run([
    "calibrate",
    network,
    ...photographs,
    "--layer",
    "layer[34]",
    "--out",
    "stages",
  ]);
  expect(calibrations.stdout).toMatch(/^layer3 .*\n^layer4 /m);
  for (const stage of ["layer3", "layer4"]) expect(existsSync(join(folder, "stages", stage))).toBe(true);
  expect(JSON.parse(written("stages/layers.json"))).toMatchObject({
    layers: [{ label: "layer3", name: "relu_9" }, layer4],
  });
  const compared = await run(["compare", "stages", "--out", "outputs/compare"]);
  expect(compared.stdout).toMatch(/^layer3 .*\n^layer4 /m);
  expect(textsOf(written("outputs/compare/compare.svg")).some((text) => text.includes("layer3"))).toBe(true);
  expect(written("outputs/compare/compare.csv")).not.toContain("relu_");
});

it("all stages by the word for them", async () => {
  const { layers } = z
    .looseObject({ layers: z.array(z.looseObject({ folder: z.string() })) })
    .parse(
      await json(["calibrate", network, ...photographs.slice(0, 2), "--layer", "stages", "--out", "all"]),
    );
  expect(layers.map((layer) => layer.folder)).toEqual(["layer1", "layer2", "layer3", "layer4"]);
});

it("export", async () => {
  const { stdout } = await run(["export", "erf", network, "-l", "layer4"]);
  named(stdout);
  expect(await json(["export", "erf", network, "-l", "layer4"])).toMatchObject({
    layer: "layer4",
    tensor: "relu_11",
  });
});

it("messages of what is wrong", async () => {
  expect(await refusal(["calibrate", network, "x.jpg", "--layer", "layr4"])).not.toContain("layr4 is");
  const cell = ["calibrate", network, ...photographs, "--layer", "layer4", "--cell", "9,9"];
  expect(await refusal(cell)).toContain('outside layer "layer4" (tensor "relu_11")');
  expect(await refusal(["calibrate", network, ...photographs, "-l", "lyer*"])).toMatch(
    /no feature map has a name that matches "lyer\*" — there are the stages layer1, layer2, layer3, layer4/,
  );
  const other = ["cam", network, ...photographs, "-l", "layer3", "-c", calibration];
  expect(await refusal(other)).toContain(
    'of layer "layer4" (tensor "relu_11"), not of "layer3" (tensor "relu_9")',
  );
});
