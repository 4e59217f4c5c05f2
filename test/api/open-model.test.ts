import { describe, expect, it } from "vitest";
import { cam, probe } from "../../src/index.ts";
import { inputs, opened } from "./small.ts";

describe("openModel", () => {
  it("says what there is: the input, the feature maps, the default layer", async () => {
    const model = await opened();
    expect(model).toMatchObject({ file: "net.onnx", defaultLayer: "last", classNames: null, remarks: [] });
    expect(model.input).toMatchObject({ name: "image", layout: "NCHW", height: 12, width: 12 });
    expect(model.layers.map(({ name }) => name)).toEqual(["first", "active", "last"]);
    expect(model.layers[2]).toMatchObject({
      module: "last",
      grid: { height: 6, width: 6, channels: 3, layout: "NCHW" },
      cell: [3, 3],
      stride: [2, 2],
      receptiveField: { height: 5, width: 5, centerY: 6, centerX: 6 },
    });
    expect(model.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it("takes preprocessing by its preset's name, or single choices over what is known", async () => {
    const [preset, choice] = [
      await opened({ preprocessing: "tf" }),
      await opened({ preprocessing: "tf", std: [1, 1, 1] }),
    ];
    expect(preset.preprocessing).toMatchObject({ source: "preset tf", std: [127.5, 127.5, 127.5] });
    expect(choice.preprocessing).toMatchObject({
      scale: "0-255",
      mean: [127.5, 127.5, 127.5],
      std: [1, 1, 1],
    });
  });

  it("closed, ends what is under way, and lets nothing begin", async () => {
    const model = await opened();
    const run = probe(model, inputs(8));
    const steps = run[Symbol.asyncIterator]();
    expect(await steps.next()).toMatchObject({ done: false });
    await model.close();
    await expect(run).rejects.toThrow("net.onnx: the model was closed");
    expect(() => probe(model, inputs(1))).toThrow("the model was closed");
  });

  it("is closed by `await using`, as any disposable is", async () => {
    const model = await opened();
    await model[Symbol.asyncDispose]();
    expect(() => cam(model, inputs(1))).toThrow("closed");
  });
});
