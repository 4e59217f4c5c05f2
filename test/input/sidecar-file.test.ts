import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readClassNames, readSidecar } from "../../src/input/sidecar.ts";
import { ErfitError } from "../../src/core/error.ts";
import { fill, scratchFolder } from "./pictures.ts";

const vgg16 = fileURLToPath(new URL("../../models/vgg16-sample.onnx", import.meta.url));

/** A folder with these files; the path of `net.onnx` in it, which need not exist. */
async function modelAmong(files: Readonly<Record<string, string>>, name = "net.onnx"): Promise<string> {
  const folder = await scratchFolder();
  await fill(folder, files);
  return join(folder, name);
}

const sidecarWith = (classes: unknown) => JSON.stringify({ output: { name: "logits", classes } });

describe("the sidecar of a model", () => {
  it("is the JSON of the same name beside it", async () => {
    const files = { "net.v2.json": `{"model": "net"}`, "net.json": `{"model": "another"}` };
    const sidecar = await readSidecar(await modelAmong(files, "net.v2.onnx"));
    expect(sidecar).toEqual({ model: "net", file: "net.v2.json" });
  });

  it("of a TF.js model has a name of its own, for the model is JSON", async () => {
    const files = { "model.json": "{}", "model.sidecar.json": `{"model": "net"}` };
    const sidecar = await readSidecar(await modelAmong(files, "model.json"));
    expect(sidecar).toEqual({ model: "net", file: "model.sidecar.json" });
    expect(await readSidecar(await modelAmong({ "model.json": "{}" }, "model.json"))).toBeUndefined();
  });

  it("need not be there", async () => {
    expect(await readSidecar(await modelAmong({}))).toBeUndefined();
    expect(await readSidecar(await modelAmong({}, "folder.d/net"))).toBeUndefined();
  });

  it("that is no JSON is refused by name", async () => {
    const attempt = readSidecar(await modelAmong({ "net.json": "{model: net}" }));
    await expect(attempt).rejects.toBeInstanceOf(ErfitError);
    await expect(attempt).rejects.toThrow(/net\.json: not JSON/);
  });

  it("with a wrong field is refused with the field's name", async () => {
    const attempt = readSidecar(await modelAmong({ "net.json": `{"input": {"layout": "CHW"}}` }));
    await expect(attempt).rejects.toThrow(/net\.json: input\.layout/);
  });
});

describe("class names", () => {
  const namesOf = async (files: Readonly<Record<string, string>>) => {
    const model = await modelAmong(files);
    return readClassNames(model, await readSidecar(model));
  };

  it.each([
    ["in the sidecar itself", { "net.json": sidecarWith(["cat", "dog"]) }],
    ["in a list that it names", { "net.json": sidecarWith("c.json"), "c.json": `["cat", "dog"]` }],
    [
      "in an object with the list",
      { "net.json": sidecarWith("c.json"), "c.json": `{"classes": ["cat", {"name": "dog", "wnid": "n1"}]}` },
    ],
  ])("%s", async (_, files) => {
    expect(await namesOf(files)).toEqual(["cat", "dog"]);
  });

  it("are unknown where nobody names them, or their file says something else", async () => {
    expect(await namesOf({})).toBeUndefined();
    expect(await namesOf({ "net.json": `{"model": "net"}` })).toBeUndefined();
    expect(await namesOf({ "net.json": sidecarWith("gone.json") })).toBeUndefined();
    expect(await namesOf({ "net.json": sidecarWith("c.json"), "c.json": `{"names": 3}` })).toBeUndefined();
  });

  it("are looked for beside the model alone", async () => {
    const files = { "net.json": sidecarWith("../c.json"), "c.json": `["inside"]`, "sub/x": "" };
    expect(await namesOf(files)).toEqual(["inside"]);
  });

  it("of the sample model are its eleven", async () => {
    const names = await readClassNames(vgg16, await readSidecar(vgg16));
    expect(names).toHaveLength(11);
    expect(names?.slice(0, 2)).toEqual(["bird", "dog"]);
  });
});
