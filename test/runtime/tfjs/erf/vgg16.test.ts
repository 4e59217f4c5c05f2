import { describe, expect, it } from "vitest";
import { testedBackends } from "../backends.ts";
import { asGraph } from "../twins/as-graph.ts";
import { asLayers } from "../twins/as-layers.ts";
import { vgg16Twin } from "../twins/vgg16.ts";
import { expectSameErf, inBoth, photographs, sampleModel } from "./both.ts";

/** On plain JavaScript one image takes minutes. */
const backends = testedBackends.filter((name) => name !== "cpu");

describe.each(backends)("the ERF of VGG-16's convolutions in both formats, on %s", (backend) => {
  it.each([
    ["layers", asLayers, backend === "wasm" ? 2 : 7],
    ["graph", asGraph, 1],
  ] as const)("as a %s model", async (_, format, images) => {
    const twin = await vgg16Twin(sampleModel, 224);
    const sources = await photographs(images);
    const { onnx, tfjs } = await inBoth(twin, format, "block5_conv3", sources, backend);
    expectSameErf(tfjs, onnx);
    expect(tfjs.calibration.layer.receptiveField).toEqual(onnx.calibration.layer.receptiveField);
  });
});
