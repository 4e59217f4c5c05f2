import { describe, expect, it, onTestFinished } from "vitest";
import { camGrid, camMap } from "../../src/cam/cam.ts";
import { openExplainer, type ExplainerOptions } from "../../src/cam/explain.ts";
import { camMethods } from "../../src/cam/methods.ts";
import { defaultCamOptions } from "../../src/cam/options.ts";
import type { Explained } from "../../src/cam/explanation.ts";
import { findLayer } from "../../src/runtime/layers.ts";
import type { RealMap } from "../../src/core/tensor.ts";
import { refusalOf } from "./explained.ts";
import {
  everything,
  expected,
  fixtureExplainer,
  fixtureNetwork,
  fixtureTensor,
  images,
  mapOf,
  methodNames,
} from "./fixtures.ts";
import { worstShareOfRange } from "./goldens.ts";

const image = fixtureTensor("image");
const { mixing, pooled, tokens } = expected;

/** How the cases of the fixture are asked of erfit. */
const cases = {
  predicted: { layer: "features", given: undefined, score: "logit" },
  "other class": { layer: "features", given: mixing.otherClass, score: "logit" },
  "before the ReLU": { layer: "raw", given: undefined, score: "logit" },
  probability: { layer: "features", given: undefined, score: "probability" },
} as const;

async function first(
  model: string,
  layer: string,
  {
    given,
    ...options
  }: Partial<Pick<ExplainerOptions, "score" | "requirements">> & { readonly given?: number | undefined } = {},
  input = image,
): Promise<Explained> {
  const explainer = await fixtureExplainer(model, layer, {
    ...options,
    classes: given === undefined ? "predicted" : "given",
  });
  const [one] = await explainer.explain(input, given === undefined ? undefined : [given]);
  if (one === undefined) throw new Error("nothing explained");
  return one;
}

const negative = (map: RealMap): RealMap => ({ ...map, data: map.data.map((value) => -value) });

/** The sign of a principal component is free: pytorch-grad-cam's is what its SVD happens to return. */
const difference = (method: string, found: RealMap, want: RealMap): number =>
  method.startsWith("eigen")
    ? Math.min(worstShareOfRange(found, want), worstShareOfRange(negative(found), want))
    : worstShareOfRange(found, want);

describe.each(Object.entries(cases))("pytorch-grad-cam's grids: %s", (name, { layer, given, score }) => {
  const grids = mixing.cases[name] ?? {};
  it.each(methodNames(grids))("%s", async (method) => {
    const one = await first("mixing", layer, { given, score });
    expect(one.explanation.classIndex).toBe(given ?? mixing.classIndex);
    const grid = await camGrid(method, one);
    expect(grid.shape).toEqual([6, 7]);
    expect(difference(method, grid, mapOf(grids[method] ?? []))).toBeLessThan(1e-4);
  });
});

it.each(methodNames(mixing.maps))("pytorch-grad-cam's final map: %s", async (method) => {
  const want = mapOf(mixing.maps[method] ?? []);
  const grid = await camGrid(method, await first("mixing", "features"));
  const drawn = (of: RealMap) =>
    camMap(
      { upsampling: { by: "bilinear" }, rectify: camMethods[method].rectify },
      of,
      [12, 14],
      "grid-and-map",
    );
  const found = [grid, ...(method.startsWith("eigen") ? [negative(grid)] : [])].map((of) =>
    worstShareOfRange(drawn(of), want),
  );
  expect(Math.min(...found)).toBeLessThan(1e-4);
});

describe("Smooth Grad-CAM++ on four noisy images", () => {
  it.each([
    ["first-derivatives", mixing.smooth.first],
    ["second-derivatives", mixing.smooth.second],
  ] as const)("%s in the numerator", async (pixelWeights, want) => {
    const { explanation, queries } = await first("mixing", "features");
    const onTheFixtures = {
      ...queries,
      explain: () => queries.explain(images(fixtureTensor("noisy"))),
    };
    const grid = await camGrid(
      "smooth-grad-cam++",
      { explanation, queries: onTheFixtures },
      { ...defaultCamOptions, pixelWeights },
    );
    expect(worstShareOfRange(grid, mapOf(want))).toBeLessThan(1e-5);
  });
  it("is Grad-CAM++ without noise", async () => {
    const one = await first("mixing", "features");
    const smooth = await camGrid("smooth-grad-cam++", one, { ...defaultCamOptions, noise: 0 });
    expect(worstShareOfRange(smooth, await camGrid("grad-cam++", one))).toBeLessThan(1e-6);
  });
  it("repeats itself with its seed, and has other noise with another", async () => {
    const one = await first("mixing", "features");
    const drawn = (seed: number) => camGrid("smooth-grad-cam++", one, { ...defaultCamOptions, seed });
    expect(await drawn(3)).toEqual(await drawn(3));
    expect(await drawn(3)).not.toEqual(await drawn(4));
  });
  it("adds noise of the asked size", async () => {
    const { explanation, queries } = await first("mixing", "features");
    const differences: number[] = [];
    const watched: Explained = {
      explanation,
      queries: {
        ...queries,
        explain: (noisy) => {
          const kept = [...noisy];
          for (const { data } of kept)
            data.forEach((value, i) => differences.push(value - (image.data[i] ?? NaN)));
          return queries.explain(kept);
        },
      },
    };
    const options = { ...defaultCamOptions, noise: 0.2, noiseUnit: "input", noiseSamples: 20 } as const;
    await camGrid("smooth-grad-cam++", watched, options);
    expect(differences).toHaveLength(20 * image.data.length);
    const power = differences.reduce((sum, value) => sum + value ** 2, 0) / differences.length;
    expect(Math.sqrt(power)).toBeCloseTo(0.2, 2);
  });
});

describe("CAM", () => {
  it("is torch-cam's, behind a pool and a linear layer", async () => {
    const one = await first("pooled", "features");
    expect(one.explanation.classIndex).toBe(pooled.classIndex);
    const grid = await camGrid("cam", one);
    expect(worstShareOfRange(grid, mapOf(pooled.cam))).toBeLessThan(1e-5);
  });
  it("and there HiResCAM, Grad-CAM and Extended-CAM are CAM divided by the cells", async () => {
    const one = await first("pooled", "features");
    const cam = await camGrid("cam", one);
    for (const method of ["hirescam", "grad-cam", "extended"] as const) {
      const grid = await camGrid(method, one);
      const scaled = { ...grid, data: grid.data.map((value) => value * 42) };
      expect(worstShareOfRange(scaled, cam), method).toBeLessThan(1e-5);
    }
  });
  it("refuses a head that mixes cells", async () => {
    const error = await refusalOf(camGrid("cam", await first("mixing", "features")));
    expect(error.message).toMatch(/linear.*"features".*cell to cell/);
    expect(error.remedy).toMatch(/grad-cam/);
  });
  it("refuses two layers with a ReLU between them, whose gradient is constant all the same", async () => {
    const error = await refusalOf(camGrid("cam", await first("bent", "features")));
    expect(error.message).toMatch(/weighted sum/);
  });
  it("refuses the layer before a ReLU, and a probability", async () => {
    expect((await refusalOf(camGrid("cam", await first("pooled", "raw")))).message).toMatch(/linear/);
    const one = await first("pooled", "features", { score: "probability" });
    expect((await refusalOf(camGrid("cam", one))).message).toMatch(/weighted sum/);
  });
});

describe("tokens behind a class token", () => {
  const tall = fixtureTensor("tall");
  it.each(methodNames(tokens.methods))(
    "pytorch-grad-cam's grid with a reshape_transform: %s",
    async (method) => {
      const one = await first("tokens", "tokens", {}, tall);
      expect(one.explanation.classIndex).toBe(tokens.classIndex);
      const grid = await camGrid(method, one);
      expect(grid.shape).toEqual([4, 3]);
      expect(difference(method, grid, mapOf(tokens.methods[method] ?? []))).toBeLessThan(1e-4);
    },
  );
  it("where only the class token is read, a gradient method says so and what to try", async () => {
    const error = await refusalOf(first("tokens", "block", {}, tall));
    expect(error.message).toMatch(/"block".*class token alone.*4 x 3/);
    expect(error.remedy).toMatch(/take layer "\w+"/);
    await camGrid("eigencam", await first("tokens", "block", { requirements: new Set(["features"]) }, tall));
  });
  it("so does a gradient that is zero, where the engine cannot tell before", async () => {
    const network = { ...(await fixtureNetwork("tokens")), graph: null };
    const explainer = await openExplainer(network, findLayer(network, "block"), everything);
    onTestFinished(() => explainer.release());
    const [one] = await explainer.explain(tall);
    if (one === undefined) throw new Error("nothing was explained");
    const error = await refusalOf(camGrid("grad-cam", one));
    expect(error.message).toMatch(/"block".*class token alone.*4 x 3/);
    expect(error.remedy).toMatch(/earlier layer/);
  });
  it("an ablated channel leaves the class token as it is", async () => {
    const { queries, explanation } = await first("tokens", "tokens", {}, tall);
    const same = await queries.scoresOfFeatures([explanation.featureMap]);
    expect(same[0]).toBeCloseTo(explanation.score, 5);
  });
});
