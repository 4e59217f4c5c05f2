import { describe, expect, it } from "vitest";
import { testedBackends } from "../backends.ts";
import { asGraph } from "../twins/as-graph.ts";
import { asLayers } from "../twins/as-layers.ts";
import { smallTwin } from "../twins/network.ts";
import { expectSameErf, inBoth, photographs } from "./both.ts";

describe.each(testedBackends)("the ERF of one small network in both formats, on %s", (backend) => {
  it.each([
    ["layers", asLayers],
    ["graph", asGraph],
  ] as const)("as a %s model", async (_, format) => {
    const { onnx, tfjs } = await inBoth(smallTwin, format, "last", await photographs(5), backend);
    expectSameErf(tfjs, onnx);
    const { views, photographs: used, sha256, effectiveNumber } = onnx.calibration.images;
    expect(tfjs.calibration.images.effectiveNumber).toBeCloseTo(effectiveNumber, 6);
    expect(tfjs.calibration).toMatchObject({
      layer: { ...onnx.calibration.layer, layout: "NHWC", shape: [1, 12, 13, 12] },
      images: { views, photographs: used, sha256 },
      provenance: { engine: expect.stringContaining(backend) as string },
    });
  });
});
