import { beforeAll, describe, expect, it } from "vitest";
import { camGrid, camMap } from "../../src/cam/cam.ts";
import { openExplainer } from "../../src/cam/explain.ts";
import { featureMapOf } from "../../src/cam/feature-map.ts";
import { camMethods, type CamMethodName } from "../../src/cam/methods.ts";
import type { Explained } from "../../src/cam/explanation.ts";
import type { Upsampling } from "../../src/cam/upsamplers.ts";
import { findLayer } from "../../src/runtime/layers.ts";
import { openModel } from "../../src/runtime/open.ts";
import type { RealMap } from "../../src/core/tensor.ts";
import { referencePath, withoutReference } from "../reference.ts";
import { explained, layerOf, refusalOf } from "./explained.ts";
import { everything } from "./fixtures.ts";
import { camCases, goldenMap, goldenTensor, hasGolden, paperSpread, worstShareOfRange } from "./goldens.ts";

const absent = withoutReference("maps of pytorch-grad-cam");
const cases = absent ? [] : camCases();
const names = Object.keys(camMethods) as CamMethodName[];
const has = (what: (method: CamMethodName) => string) => (of: (typeof cases)[number]) =>
  names.filter((method) => hasGolden(of, what(method)));
const tolerance = 1e-4;

/** The sign of a principal component is free. */
function oriented(method: CamMethodName, grid: RealMap, want: RealMap): RealMap {
  const turned = { ...grid, data: grid.data.map((value) => -value) };
  return method.startsWith("eigen") && worstShareOfRange(turned, want) < worstShareOfRange(grid, want)
    ? turned
    : grid;
}

describe.skipIf(absent)("grids of the stored feature maps and gradients", () => {
  const stored = cases.filter((of) => hasGolden(of, "feature_map"));
  const pure = names.filter((name) => ["gradient", "features"].includes(camMethods[name].requires));
  it.each(stored.flatMap((of) => pure.map((method) => ({ ...of, method }))))(
    "$model: $method",
    async ({ method, ...of }) => {
      const features = goldenTensor(of, "feature_map");
      const [channels = 0, height = 0, width = 0] = features.shape;
      const layer = layerOf({ shape: [channels, height, width], data: features.data });
      const A = featureMapOf(features, layer);
      const grid = await camGrid(method, explained(A, featureMapOf(goldenTensor(of, "gradient"), layer)));
      const want = goldenMap(of, `${method}.grid`);
      expect(worstShareOfRange(oriented(method, grid, want), want)).toBeLessThan(tolerance);
    },
  );
});

describe.skipIf(absent).each(cases)("$model, image $case, from the stored input", (of) => {
  const size = [of.inputShape[2], of.inputShape[3]] as const;
  let one: Explained;
  const grids = new Map<CamMethodName, RealMap>();

  beforeAll(async () => {
    const { network } = await openModel(referencePath("models", `${of.model}.onnx`), { threads: 1 });
    const explainer = await openExplainer(network, findLayer(network, of.target), everything);
    const [first] = await explainer.explain(goldenTensor(of, "input"));
    if (first === undefined) throw new Error("nothing explained");
    one = first;
    return () => explainer.release();
  });

  it("the class, and the logits", () => {
    const { classIndex, logits } = one.explanation;
    expect(classIndex).toBe(of.classIndex);
    goldenTensor(of, "logits").data.forEach((value, k) => {
      expect(logits[k]).toBeCloseTo(value, 3);
    });
  });

  it.each(has((method) => `${method}.grid`)(of))("%s: the grid", async (method) => {
    const grid = await camGrid(method, one);
    const want = goldenMap(of, `${method}.grid`);
    grids.set(method, oriented(method, grid, want));
    expect(worstShareOfRange(oriented(method, grid, want), want)).toBeLessThan(tolerance);
  });

  it.each(has((method) => `${method}.pgc`)(of))("%s: pytorch-grad-cam's final map", (method) => {
    const grid = grids.get(method);
    if (grid === undefined) throw new Error("its grid failed");
    const column = { upsampling: { by: "bilinear" }, rectify: camMethods[method].rectify } as const;
    const map = camMap(column, grid, size, "grid-and-map");
    expect(worstShareOfRange(map, goldenMap(of, `${method}.pgc`))).toBeLessThan(tolerance);
  });

  it.each<[CamMethodName, string, Upsampling]>([
    ["extended", "gaussian", { by: "gaussian", ...paperSpread(...size) }],
    ["extended", "bilinear", { by: "bilinear" }],
    ["grad-cam", "gaussian", { by: "gaussian", ...paperSpread(...size) }],
  ])("%s: the %s map", async (method, name, upsampling) => {
    const column = { upsampling, rectify: camMethods[method].rectify };
    const map = camMap(column, await camGrid(method, one), size);
    expect(worstShareOfRange(map, goldenMap(of, `${method}.${name}`))).toBeLessThan(tolerance);
  });

  it("CAM is 49 times Grad-CAM behind MobileNetV2's pool and linear layer, and refused elsewhere", async () => {
    if (!of.model.startsWith("mobilenet")) {
      expect((await refusalOf(camGrid("cam", one))).message).toMatch(/linear/);
      return;
    }
    const want = goldenMap(of, "grad-cam.grid");
    const scaled = { ...want, data: want.data.map((value) => 49 * value) };
    expect(worstShareOfRange(await camGrid("cam", one), scaled)).toBeLessThan(tolerance);
  });
});
