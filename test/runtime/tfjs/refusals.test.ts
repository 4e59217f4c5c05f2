import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openModel, type OpenOptions } from "../../../src/runtime/open.ts";
import { ErfitError } from "../../../src/core/error.ts";
import { float32 } from "../../../src/core/tensor.ts";
import { noise } from "../../onnx/small-model.ts";
import { fill, scratchFolder } from "../../input/pictures.ts";
import { refused } from "../refused.ts";
import { graphNode } from "./twins/as-graph.ts";
import { asLayers } from "./twins/as-layers.ts";
import { withWeights, type ModelFiles } from "./twins/files.ts";
import { smallTwin } from "./twins/network.ts";

const options: OpenOptions = { threads: 1, backend: "cpu" };
const layers = asLayers(smallTwin);

async function onDisk(files: ModelFiles): Promise<string> {
  const folder = await scratchFolder();
  await fill(folder, files);
  return folder;
}

/** The one line that a user reads. */
async function refusal(path: string, more: Partial<OpenOptions> = {}): Promise<string> {
  const thrown: unknown = await openModel(path, { ...options, ...more }).catch((reason: unknown) => reason);
  if (!(thrown instanceof ErfitError)) throw new Error(`not refused: ${String(thrown)}`);
  expect(thrown.message).not.toContain("\n");
  return `${thrown.message} — ${thrown.remedy ?? ""}`;
}

/** The model.json with something else in it. */
function changed(files: ModelFiles, change: (json: Record<string, unknown>) => unknown): ModelFiles {
  const json = JSON.parse(String(files["model.json"])) as Record<string, unknown>; // what asLayers wrote
  return { ...files, "model.json": JSON.stringify(change(json)) };
}

const image = graphNode("Placeholder", "image", [], {
  dtype: { type: "DT_FLOAT" },
  shape: { shape: { dim: [1, 8, 8, 3].map((size) => ({ size: String(size) })) } },
});

const graphOf = (...nodes: readonly object[]): ModelFiles =>
  withWeights(
    { format: "graph-model", modelTopology: { node: [image, ...nodes] } },
    { unused: float32([1], [0]) },
  );

/** A layer's entry in the configuration that asLayers wrote. */
const layerNamed = (json: Record<string, unknown>, name: string): Record<string, unknown> => {
  const { model_config } = json["modelTopology"] as {
    model_config: { config: { layers: Record<string, unknown>[] } };
  };
  const found = model_config.config.layers.find((layer) => layer["name"] === name);
  if (found === undefined) throw new Error(`no layer ${name}`);
  return found;
};

describe("a model that never ends, or asks for much, is refused", () => {
  it.each([
    ["a layer that is not there", [[["ghost", 0, 0, {}]]]],
    ["a call that is never made", [[["stem", 7, 0, {}]]]],
    ["its own output", [[["depthwise", 0, 0, {}]]]],
  ])("layers of which one reads %s", async (_, inbound_nodes) => {
    const stuck = changed(layers, (json) => {
      layerNamed(json, "depthwise")["inbound_nodes"] = inbound_nodes;
      return json;
    });
    expect(await refusal(await onDisk(stuck))).toContain(
      'layer "depthwise" reads a layer that is not there, or that reads it',
    );
  });

  it("layers that are called nowhere, and read all the same", async () => {
    const stuck = changed(layers, (json) => {
      layerNamed(json, "depthwise")["inbound_nodes"] = [[]];
      return json;
    });
    expect(await refusal(await onDisk(stuck))).toContain(
      'layer "normalized" reads a layer that is not there',
    );
  });

  it("a graph whose Fill, Tile or product would make terabytes", async () => {
    const huge = { dtype: "int32" as const, shape: [2], data: Int32Array.of(2 ** 20, 2 ** 20) };
    const sizes = { name: "sizes", op: "Const", input: [], attr: { dtype: { type: "DT_INT32" } } };
    const value = { name: "value", op: "Const", input: [], attr: { dtype: { type: "DT_FLOAT" } } };
    const nodes = [
      image,
      sizes,
      value,
      graphNode("Fill", "filled", ["sizes", "value"]),
      graphNode("AddV2", "y", ["image", "filled"]),
    ];
    const files = withWeights(
      { format: "graph-model", modelTopology: { node: nodes } },
      { sizes: huge, value: float32([], [1]) },
    );
    expect(await refusal(await onDisk(files))).toContain(
      'node "filled" (Fill) would make 1099511627776 elements; erfit takes 67108864',
    );
  });

  it("an image of a size that is none", async () => {
    const large = {
      ...image,
      attr: {
        ...image.attr,
        shape: { shape: { dim: [1, 65536, 65536, 3].map((size) => ({ size: String(size) })) } },
      },
    };
    const files = withWeights(
      { format: "graph-model", modelTopology: { node: [large, graphNode("Relu", "y", ["image"])] } },
      { unused: float32([1], [0]) },
    );
    expect(await refusal(await onDisk(files))).toMatch(/the image input "image" would take \d+ numbers/);
  });
});

describe("what is no TF.js model is refused in one line", () => {
  it("other JSON, and what is not JSON", async () => {
    expect(await refusal(join(await onDisk({ "a.json": "{}" }), "a.json"))).toMatch(
      /a\.json: not the model\.json of a TF\.js model: modelTopology: .*tensorflowjs_converter/,
    );
    expect(await refusal(await onDisk({ "model.json": "{model" }))).toMatch(/model\.json: not JSON/);
    expect(await refusal(await onDisk({}))).toMatch(/is a folder/);
  });

  it("a shard that is missing, and shards of another length", async () => {
    const { "model.json": json = "" } = layers;
    expect(await refusal(await onDisk({ "model.json": json }))).toMatch(
      /its weights file "group1-shard1of1\.bin" cannot be read \(expected it beside the model\)/,
    );
    const short = { "model.json": json, "group1-shard1of1.bin": new Uint8Array(100) };
    expect(await refusal(await onDisk(short))).toMatch(/its weights take \d+ bytes, .* hold 100/);
  });

  it("a weights file that is named again and again, before it fills the memory", async () => {
    const twice = changed(layers, ({ weightsManifest, ...json }) => ({
      ...json,
      weightsManifest: (weightsManifest as { paths: string[]; weights: unknown }[]).map(
        ({ paths, weights }) => ({
          paths: [...paths, ...paths],
          weights,
        }),
      ),
    }));
    expect(await refusal(await onDisk(twice))).toMatch(/names a file of its weights twice/);
  });

  it("a weights file outside the model's folder, by its name or through a link", async () => {
    const weights = layers["group1-shard1of1.bin"] ?? "";
    const elsewhere = changed(layers, ({ weightsManifest, ...json }) => ({
      ...json,
      weightsManifest: (weightsManifest as { weights: unknown }[]).map(({ weights }) => ({
        paths: ["../secret.bin"],
        weights,
      })),
    }));
    const folder = await scratchFolder();
    await fill(folder, { "secret.bin": weights });
    await fill(join(folder, "net"), elsewhere);
    expect(await refusal(join(folder, "net"))).toMatch(/"\.\.\/secret\.bin" lies outside the model's folder/);

    await mkdir(join(folder, "linked"));
    await writeFile(join(folder, "linked", "model.json"), layers["model.json"] ?? "");
    await symlink(join(folder, "secret.bin"), join(folder, "linked", "group1-shard1of1.bin"));
    expect(await refusal(join(folder, "linked"))).toMatch(/lies outside the model's folder/);
  });

  it("layers that TF.js does not know, in its words", async () => {
    const unknown = {
      ...layers,
      "model.json": String(layers["model.json"]).replaceAll('"Add"', '"Frobnicate"'),
    };
    expect(await refusal(await onDisk(unknown))).toMatch(/TF\.js cannot read the layers model: .*Frobnicate/);
  });

  it("operators that TF.js has not, and control flow, by node", async () => {
    const own = graphOf(graphNode("Frobnicate", "stem/own", ["image"]));
    expect(await refusal(await onDisk(own))).toMatch(
      /layer "stem\/own" \(Frobnicate\) cannot be run on backend cpu: Unknown op 'Frobnicate'/,
    );
    const branching = graphOf(graphNode("Switch", "choice", ["image", "image"]));
    expect(await refusal(await onDisk(branching))).toMatch(/node "choice" is a Switch: .*control flow/);
  });

  it("an input that is no image, and shapes that do not fit", async () => {
    const path = await onDisk(layers);
    expect(await refusal(path, { inputName: "picture" })).toMatch(
      /no input named "picture" — its inputs: image/,
    );
    expect(await refusal(path, { inputShape: [1, 3, 224, 224] })).toMatch(
      /inputShape: 1,3,224,224 does not fit input "image" \[1, 45, 50, 3\]/,
    );
    const open = {
      ...layers,
      "model.json": String(layers["model.json"]).replace("[null,45,50,3]", "[null,null,null,3]"),
    };
    const openPath = await onDisk(open);
    expect(await refusal(openPath)).toMatch(
      /open shape \[1, \?, \?, 3\] — give inputShape: 1,height,width,3/,
    );
    const { network } = await openModel(openPath, { ...options, inputShape: [1, 33, 40, 3] });
    expect(network.tensors.find(({ name }) => name === "stem")?.shape).toEqual([1, 17, 20, 8]);
  });

  it("several inputs, of which none is named", async () => {
    const mask = graphNode("Placeholder", "mask", []);
    const path = await onDisk(graphOf(mask, graphNode("Relu", "last", ["image"])));
    expect(await refusal(path)).toMatch(
      /the model has 2 inputs — its inputs: image, mask; one with a single/,
    );
    const { network } = await openModel(path, { ...options, inputName: "image" });
    expect(network.input.name).toBe("image");
  });

  it("a backend for an ONNX file", async () => {
    const path = join(await onDisk({ "net.onnx": "" }), "net.onnx");
    expect(await refusal(path)).toMatch(/backend: cpu is for TF\.js models, and .*net\.onnx is none/);
  });
});

describe("a gradient that TF.js has not", () => {
  const einsum = graphOf(
    graphNode("Relu", "rectified", ["image"]),
    graphNode("Einsum", "mixed", ["rectified", "rectified"], {
      equation: { s: Buffer.from("abcd,abcd->abcd").toString("base64") },
      N: { i: "2" },
    }),
    graphNode("Relu", "last", ["mixed"]),
  );

  it("names the layer and the backend", async () => {
    const { network } = await openModel(await onDisk(einsum), options);
    const objective = { kind: "channel-mean", cell: [0, 4, 4, null] } as const;
    const program = await network.differentiate({ target: "last", objective });
    await expect(program.run({ image: noise([1, 8, 8, 3], 1) })).rejects.toThrow(
      /layer "mixed" \(Einsum\) has no gradient on backend cpu: .*gradient/,
    );
    const before = await network.differentiate({ target: "rectified", objective });
    await expect(before.run({ image: noise([1, 8, 8, 3], 1) })).resolves.toBeDefined();
  });

  it("and where the backend cannot even run it, says that: on opening, and to whom asks for it", async () => {
    const { network } = await openModel(await onDisk(einsum), { ...options, backend: "wasm" });
    const reason = /layer "mixed" \(Einsum\) cannot be run on backend wasm: .*Einsum/;
    expect(network.remarks[0]).toMatch(reason);
    expect(network.tensors.map(({ name }) => name)).toEqual(["rectified"]);
    const attempt = async () => network.differentiate({ target: "last", objective: { kind: "top" } });
    expect((await refused(attempt)).message).toMatch(reason);
  });

  it("is said before the first image where no path leads there", async () => {
    const { network } = await openModel(await onDisk(layers), options);
    const request = { target: "stem", objective: { kind: "top" }, withRespectTo: "last" } as const;
    expect(() => network.differentiate(request)).toThrow(/"stem" does not depend on "last"/);
    const outside = { kind: "channel-mean", cell: [0, 99, 0, null] } as const;
    expect(() => network.differentiate({ target: "last", objective: outside })).toThrow(
      /outside tensor "last"/,
    );
  });
});

describe("a tensor that is fed in place of the image is refused", () => {
  const opened = async () => (await openModel(await onDisk(layers), options)).network;

  it("where it does not determine what is asked", async () => {
    const network = await opened();
    const forward = (outputs: readonly string[], from: string) =>
      refused(async () => network.forward({ outputs, from }));
    expect((await forward(["last"], "rectified")).message).toMatch(
      /model\.json: tensor "last" depends on the image by a path around "rectified" too/,
    );
    expect((await forward(["last", "stem"], "maximum")).message).toMatch(
      /tensor "stem" does not depend on "maximum", which is to be fed in place of the image/,
    );
    expect((await forward(["last"], "minimum")).message).toMatch(/no tensor named "minimum"/);
    const objective = { kind: "element", index: 0 } as const;
    const gradient = await refused(async () =>
      network.differentiate({ target: "predictions", objective, from: "project" }),
    );
    expect(gradient.message).toMatch(/"predictions" depends on the image by a path around "project"/);
  });

  it("where it has another shape", async () => {
    const network = await opened();
    const program = await network.forward({ outputs: ["last"], from: "maximum" });
    expect((await refused(() => program.run(noise([1, 12, 12, 8])))).message).toMatch(
      /^the tensor fed in place of the image has shape \[1, 12, 12, 8\], but .* takes \[1, 12, 13, 8\] at "maximum"$/,
    );
    const whole = await network.forward({ outputs: ["last"] });
    expect((await refused(() => whole.run(noise([1, 50, 45, 3])))).message).toMatch(
      /^the image tensor has shape \[1, 50, 45, 3\], but .* takes \[1, 45, 50, 3\] at "image"$/,
    );
  });

  it("and weights that are not finite are found before a forward run", async () => {
    const broken = asLayers({
      ...smallTwin,
      layers: smallTwin.layers.map((layer) =>
        layer.name === "stem" && layer.kind === "convolution"
          ? { ...layer, bias: float32([8], new Float32Array(8).fill(NaN)) }
          : layer,
      ),
    });
    const { network } = await openModel(await onDisk(broken), options);
    expect((await refused(async () => network.forward({ outputs: ["last"] }))).message).toMatch(
      /hold NaN or infinity: stem\/bias/,
    );
  });
});
