import { cpSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { chosenCamLayer, chosenLayer, loadModel } from "../../src/calibration/loaded-model.ts";
import { casePath } from "../runtime/cases.ts";
import { onDisk, smallOnnx } from "../runtime/small-onnx.ts";

/** A vision transformer of two blocks that reads its class token alone, with what a sidecar says of it. */
async function opened(sidecar?: object) {
  const folder = dirname(await onDisk(smallOnnx()));
  const path = join(folder, "vit.onnx");
  cpSync(casePath("class_token"), path);
  if (sidecar !== undefined) writeFileSync(join(folder, "vit.json"), JSON.stringify(sidecar));
  return loadModel(path, { threads: 1 });
}

const last = "/blocks/blocks.1/Add_1_output_0";
const normalization = "/blocks/blocks.1/norm1/LayerNormalization_output_0";
const lastFeatureMap = { name: last };

it("maps of a class-token network are drawn at the last block's first normalization, whatever a sidecar calls last", async () => {
  for (const model of [await opened(), await opened({ lastFeatureMap })]) {
    expect(chosenCamLayer(model, undefined).name).toBe(normalization);
    expect(chosenCamLayer(model, last).name).toBe(last);
  }
  expect(chosenLayer(await opened({ lastFeatureMap }), undefined).name).toBe(last);
});

it("a layer that reaches the scores is drawn at where the sidecar names it", async () => {
  const earlier = "/blocks/blocks.0/norm1/LayerNormalization_output_0";
  const model = await opened({ lastFeatureMap: { name: earlier } });
  expect(chosenCamLayer(model, undefined).name).toBe(earlier);
});
