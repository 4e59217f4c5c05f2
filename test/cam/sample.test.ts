import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { camGrid, camMap, removedShare } from "../../src/cam/cam.ts";
import { openExplainer, type Explainer } from "../../src/cam/explain.ts";
import { withGradient, type Explained } from "../../src/cam/explanation.ts";
import { camMethods, type CamMethodName } from "../../src/cam/methods.ts";
import { chosenPreprocessing, loadModel } from "../../src/calibration/loaded-model.ts";
import { findLayer } from "../../src/runtime/layers.ts";
import { listImages } from "../../src/input/listing.ts";
import { loadInput } from "../../src/input/load.ts";
import { refusalOf } from "./explained.ts";
import { everything } from "./fixtures.ts";
import { paperSpread } from "./goldens.ts";

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const quick = (Object.keys(camMethods) as CamMethodName[]).filter((name) =>
  ["gradient", "features", "noisy images"].includes(camMethods[name].requires),
);

describe("the sample model on a photograph", () => {
  let explainer: Explainer;
  let one: Explained;

  beforeAll(async () => {
    const model = await loadModel(at("models/vgg16-sample.onnx"), { threads: 1 });
    const [photograph] = await listImages([at("photos/cat.jpg")]);
    if (photograph === undefined) throw new Error("no photograph");
    const preprocessing = chosenPreprocessing(model, undefined, {});
    const { tensor } = await loadInput(photograph, preprocessing, "NCHW");
    explainer = await openExplainer(model.network, findLayer(model.network, "block5_conv3"), everything);
    const [first] = await explainer.explain(tensor);
    if (first === undefined) throw new Error("nothing explained");
    one = first;
  });
  afterAll(() => explainer.release());

  it.each(quick)("%s has a map at input size", async (method) => {
    const grid = await camGrid(method, one);
    expect(grid.shape).toEqual([14, 14]);
    const { rectify } = camMethods[method];
    const map = camMap(
      { rectify, upsampling: { by: "gaussian", ...paperSpread(224, 224) } },
      grid,
      [224, 224],
    );
    expect(map.shape).toEqual([224, 224]);
    expect(map.data.some((value) => value > 0)).toBe(true);
  });

  it("the cells of Extended-CAM sum to how the score changes as the features grow", async () => {
    const { featureMap: A } = one.explanation;
    const step = 2e-3;
    const grown = [1 + step, 1 - step].map((factor) => ({ ...A, data: A.data.map((a) => a * factor) }));
    const [up = NaN, down = NaN] = await one.queries.scoresOfFeatures(grown);
    const { data } = await camGrid("extended", one);
    const sum = data.reduce((total, value) => total + value, 0);
    expect((up - down) / (2 * step) / sum).toBeCloseTo(1, 2);
  });

  it("Extended-CAM's grid is the sum over channels of gradient times activation, and a ReLU takes a share of it", async () => {
    const { A, G } = withGradient(one.explanation);
    const grid = await camGrid("extended", one);
    const cell = 14 * 5 + 8;
    let sum = 0;
    for (let k = 0; k < 512; k++) sum += (A.data[k * 196 + cell] ?? NaN) * (G.data[k * 196 + cell] ?? NaN);
    expect(grid.data[cell]).toBeCloseTo(sum, 12);
    expect(removedShare(grid)).toBeGreaterThan(0);
    expect(removedShare(grid)).toBeLessThan(1);
  });

  it("CAM is refused: the head of a VGG is not linear", async () => {
    expect((await refusalOf(camGrid("cam", one))).message).toMatch(/linear/);
  });
});
