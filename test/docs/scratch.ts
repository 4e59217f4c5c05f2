import { execFile } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll } from "vitest";
import { writeNpy } from "../../src/core/npy.ts";
import { noise } from "../onnx/small-model.ts";
import { ofVgg16, standInOnnx, standInTfjs } from "./stand-in-network.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const commands = fileURLToPath(new URL("commands.js", import.meta.url));

/** Commands of pages other than erfit: `commands.js` replaces each. */
const replaced = ["erfit", "node", "npm", "npx", "pip"];

/** Files that pages name and the checkout does not have. */
const modelNames = ["net", "resnet18", "resnet50", "convnext", "mobilenetv2", "mobilenetv3", "vit"];
const imageNet = ["n01440764_astronaut", "n01443537_cat", "n02102040_rocket"];

/** What `erfit calibrate` wrote of the stand-in: computed once. */
let calibrated: Promise<string> | undefined;

async function calibration(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "erfit-docs-"));
  afterAll(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "net.onnx"), standInOnnx());
  const images = join(root, "photos");
  await promisify(execFile)(process.execPath, [
    join(root, "bin/erfit.js"),
    ...["calibrate", join(folder, "net.onnx"), images, "--out", folder, "--quiet"],
  ]);
  return folder;
}

/** A folder in which a page's blocks run, one after the other. */
export interface Scratch {
  readonly folder: string;
  /** The environment of its commands: the stand-ins come first. */
  readonly environment: NodeJS.ProcessEnv;
}

/** A new scratch folder with all stand-ins; it goes when the tests of the file are done. */
export async function scratch(): Promise<Scratch> {
  const place = await mkdtemp(join(tmpdir(), "erfit-docs-"));
  afterAll(() => rm(place, { recursive: true }));
  const [folder, bin] = [join(place, "page"), join(place, "bin")];
  const photographs = ["astronaut.jpg", "cat.jpg", "rocket.jpg"].map((name) => join(root, "photos", name));

  const write = async (path: string, content: string | Uint8Array) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  };
  for (const name of modelNames) await write(`${name}.onnx`, standInOnnx());
  for (const [name, content] of Object.entries(standInTfjs())) await write(`mobilenet/${name}`, content);
  for (const [k, photograph] of photographs.entries()) {
    await cp(photograph, join(folder, `photos/${k}.jpg`));
    await cp(photograph, join(folder, `val/${imageNet[k]}.jpg`));
    await cp(photograph, join(folder, `imagenet/val/${k}.jpg`));
  }
  await cp(photographs[1] ?? "", join(folder, "cat.jpg"));
  const results = await (calibrated ??= calibration());
  for (const result of ["calibration.json", "erf.npy"]) await cp(join(results, result), join(folder, result));
  await write("wnids.txt", imageNet.map((name) => `${name.split("_")[0]}\n`).join(""));
  await write("image.npy", writeNpy(noise([1, 3, 48, 48], 3)));
  // The bundled VGG-16 takes minutes for what pages measure of it; their figures come from it, their commands do without.
  await write("models/vgg16-sample.onnx", standInOnnx(ofVgg16));
  await mkdir(join(folder, "node_modules"));
  await symlink(root, join(folder, "node_modules/erfit"));
  return { folder, environment: await withCommands(bin) };
}

/** A new folder with the bundled sample and photographs themselves, for what pages say that commands print. */
export async function scratchWithSample(): Promise<Scratch> {
  const place = await mkdtemp(join(tmpdir(), "erfit-docs-"));
  afterAll(() => rm(place, { recursive: true }));
  const folder = join(place, "page");
  await mkdir(folder);
  for (const part of ["models", "photos"]) await symlink(join(root, part), join(folder, part));
  return { folder, environment: await withCommands(join(place, "bin")) };
}

/** The environment of a shell in which the stand-ins of commands come first. */
async function withCommands(bin: string): Promise<NodeJS.ProcessEnv> {
  await mkdir(bin);
  for (const name of replaced) {
    await writeFile(join(bin, name), `#!/bin/sh\nexec '${process.execPath}' '${commands}' ${name} "$@"\n`);
    await chmod(join(bin, name), 0o755);
  }
  const PATH = `${bin}:${process.env["PATH"] ?? ""}`;
  return { ...process.env, PATH, CUDA_VISIBLE_DEVICES: "" };
}
