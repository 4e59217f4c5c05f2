import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { cam, openModel, type Model, type OpenModelOptions } from "../../src/index.ts";
import { imagenetClasses } from "../../src/input/imagenet-classes.ts";
import { folder } from "../cli/erfit.ts";
import { sound, written } from "../cli/networks.ts";
import { noise } from "../onnx/small-model.ts";
import { collected, inputs, network } from "./small.ts";

/** The small network with a thousand scores. */
const weights = { ...sound.initializers, w2: noise([1000, 4, 3, 3], 2) };
const thousand = written("thousand.onnx", { ...sound, initializers: weights });
const named = written("named.onnx", { ...sound, initializers: weights });
const own = Array.from({ length: 1000 }, (_, k) => `thing ${k}`);
writeFileSync(join(folder, "named.json"), JSON.stringify({ output: { classes: own } }));

async function opened(path: string, options: OpenModelOptions = {}): Promise<Model> {
  const model = await openModel(path, { threads: 1, ...options });
  onTestFinished(() => model.close());
  return model;
}

it("the list is ImageNet-1k's, in the order of its WordNet numbers", () => {
  expect(imagenetClasses).toHaveLength(1000);
  const known = {
    0: "tench",
    107: "jellyfish",
    134: "crane",
    207: "golden retriever",
    281: "tabby",
    517: "crane",
  };
  for (const [index, name] of Object.entries(known)) expect(imagenetClasses[Number(index)]).toBe(name);
  expect(imagenetClasses.at(-1)).toBe("toilet tissue");
  expect(imagenetClasses.every((name) => /^[A-Za-z][A-Za-z .'-]+$/.test(name))).toBe(true);
});

it("a thousand scores without names are taken for ImageNet-1k's, and that is said", async () => {
  const model = await opened(thousand);
  expect([model.classNames?.[281], model.classNamesFrom]).toEqual(["tabby", "ImageNet-1k, assumed"]);
  expect(model.remarks.join()).toMatch(
    /thousand\.onnx: its 1000 scores have no names, .*assumed \(classNames states/,
  );
  const [map] = await collected(cam(model, inputs(1), { class: "tabby" }));
  expect([map?.classIndex, map?.className]).toEqual([281, "tabby"]);
  await expect(collected(cam(model, inputs(1), { class: "crane" }))).rejects.toThrow(/2 classes: 134, 517/);
});

it("the sidecar's names come first; the option states ImageNet-1k's, or leaves names out", async () => {
  const sidecar = await opened(named);
  expect([sidecar.classNames?.[281], sidecar.classNamesFrom]).toEqual(["thing 281", "sidecar"]);
  const stated = await opened(named, { classNames: "imagenet-1k" });
  expect([stated.classNames?.[281], stated.classNamesFrom, stated.remarks]).toEqual([
    "tabby",
    "ImageNet-1k",
    [],
  ]);
  const none = await opened(thousand, { classNames: "none" });
  expect([none.classNames, none.classNamesFrom, none.remarks]).toEqual([null, null, []]);
});

it("other numbers of scores have no names, and are refused ImageNet-1k's", async () => {
  expect((await opened(network)).classNames).toBeNull();
  await expect(opened(network, { classNames: "imagenet-1k" })).rejects.toThrow(
    /classNames: imagenet-1k: ImageNet-1k has 1000 classes, net\.onnx has 3 scores in "logits"/,
  );
});
