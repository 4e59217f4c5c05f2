import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { folder, json, run, samplePhotograph } from "./erfit.ts";
import { array, sound, written } from "./networks.ts";

const network = written("net.onnx", sound);
const image = array("x.npy");
const there = (path: string): boolean => existsSync(join(folder, "outputs", path));

it("results of different commands and layers go to places of their own, where none is named", async () => {
  const done = async (...args: readonly string[]) => {
    const { code, stderr } = await run(args);
    expect(code, stderr).toBe(0);
  };
  await done("cam", network, image, "--layer", "last");
  await done("cam", network, image, "--layer", "first");
  await done("export", "cam", network, "--layer", "last", "--method", "grad-cam");
  await done("export", "erf", network, "--layer", "last");
  await done("gradient", network, image, "--target", "last");
  for (const path of [
    "net.last.cam/cam.json",
    "net.first.cam/cam.json",
    "net.last.grad-cam.onnx",
    "net.last.erf.onnx",
    "net.last.gradient.npy",
  ])
    expect(there(path), path).toBe(true);
});

it("comparisons are named after the folders of what they compare", async () => {
  const photographs = ["cat.jpg", "coffee.jpg"].map(samplePhotograph);
  const names = ["a", "b", "c", "d"];
  for (const [k, name] of names.entries())
    await json([
      "calibrate",
      network,
      ...photographs,
      "--crops",
      String(k + 1),
      "--layer",
      "last",
      "--out",
      name,
    ]);
  await json(["compare", "a", "b"]);
  await json(["compare", join("b", "calibration.json"), "a"]);
  await json(["compare", ...names]);
  for (const name of ["a+b", "b+a", "a+b+2-more"])
    expect(there(`${name}.comparison/compare.json`), name).toBe(true);
});
