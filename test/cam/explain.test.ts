import { fileURLToPath } from "node:url";
import { readFileSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { camGrid } from "../../src/cam/cam.ts";
import { openExplainer, type ExplainerOptions } from "../../src/cam/explain.ts";
import type { Requirement } from "../../src/cam/methods.ts";
import { findLayer, layersOf } from "../../src/runtime/layers.ts";
import type { DifferentiationRequest, ForwardRequest, Network } from "../../src/runtime/network.ts";
import { openModel } from "../../src/runtime/open.ts";
import { readNpy } from "../../src/core/npy.ts";
import { float32, type Tensor } from "../../src/core/tensor.ts";
import { relativeL2 } from "../relative-l2.ts";
import { refusalOf } from "./explained.ts";
import { everything, expected, fixtureExplainer, fixtureNetwork, fixtureTensor } from "./fixtures.ts";

const image = fixtureTensor("image");
const { classIndex, otherClass } = expected.mixing;

/** A network that notes what is made ready, and how often each of it runs and is released. */
function watched(network: Network) {
  const made: { readonly what: string; runs: number; released: number }[] = [];
  const note = (kind: string, { from = "image" }: { readonly from?: string }) => {
    const entry = { what: `${kind} from ${from}`, runs: 0, released: 0 };
    made.push(entry);
    return entry;
  };
  const watching: Network = {
    ...network,
    async differentiate(request: DifferentiationRequest) {
      const program = await network.differentiate(request);
      const entry = note("gradient", request);
      return {
        ...program,
        run: (feeds) => (entry.runs++, program.run(feeds)),
        release: () => (entry.released++, program.release()),
      };
    },
    async forward(request: ForwardRequest) {
      const program = await network.forward(request);
      const entry = note("forward", request);
      return {
        ...program,
        run: (input) => (entry.runs++, program.run(input)),
        release: () => (entry.released++, program.release()),
      };
    },
  };
  return { network: watching, made, runs: () => made.map(({ what, runs }) => `${what}: ${runs}`) };
}

async function watchedExplainer(options: Partial<ExplainerOptions>) {
  const { network, ...notes } = watched(await fixtureNetwork("mixing"));
  const explainer = await openExplainer(network, findLayer(network, "features"), {
    ...everything,
    ...options,
  });
  return { explainer, ...notes };
}

describe("what is run", () => {
  it("one run, forward and backward, for the predicted class", async () => {
    const { explainer, runs, made } = await watchedExplainer({});
    await explainer.explain(image);
    expect(runs()).toEqual(["gradient from image: 1"]);
    await explainer.release();
    expect(made.map(({ released }) => released)).toEqual([1]);
  });
  it("for classes that the scores choose one such run, and one of the head for each but the predicted", async () => {
    const { explainer, runs } = await watchedExplainer({});
    const found = await explainer.explain(image, (logits) =>
      [...logits.keys()].sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0)).slice(0, 3),
    );
    expect(found).toHaveLength(3);
    expect(runs()).toEqual(["gradient from image: 1", "gradient from features: 2"]);
    await explainer.release();
  });
  it("for three given classes one such run, and two of the head", async () => {
    const { explainer, runs, made } = await watchedExplainer({ classes: "given" });
    const found = await explainer.explain(image, [3, 0, 2]);
    expect(found.map(({ explanation }) => explanation.classIndex)).toEqual([3, 0, 2]);
    expect(runs()).toEqual(["gradient from image: 1", "gradient from features: 2"]);
    await explainer.release();
    expect(made.map(({ released }) => released)).toEqual([1, 1]);
  });
  it.each<Requirement>(["features", "masked images", "ablated features"])(
    "no gradient where methods ask for %s",
    async (asks) => {
      const { explainer, runs } = await watchedExplainer({ requirements: new Set([asks]), classes: "given" });
      const [one, two] = await explainer.explain(image, [1, 2]);
      expect([one?.explanation.gradient, two?.explanation.gradient]).toEqual([null, null]);
      expect(runs()).toEqual(["forward from image: 1"]);
      await explainer.release();
    },
  );
  it("Score-CAM and Ablation-CAM run once for each of the 8 channels, the latter behind the layer alone", async () => {
    const { explainer, runs, made } = await watchedExplainer({ requirements: new Set(["features"]) });
    const [one] = await explainer.explain(image);
    if (one === undefined) throw new Error("nothing explained");
    await camGrid("score-cam", one);
    await camGrid("ablation-cam", one);
    expect(runs()).toEqual(["forward from image: 1", "forward from image: 8", "forward from features: 8"]);
    await explainer.release();
    expect(made.map(({ released }) => released)).toEqual([1, 1, 1]);
  });
});

it("a method that needs the gradient says that none was computed", async () => {
  const explainer = await fixtureExplainer("mixing", "features", { requirements: new Set(["features"]) });
  const [one] = await explainer.explain(image);
  if (one === undefined) throw new Error("nothing explained");
  expect((await refusalOf(camGrid("grad-cam", one))).message).toMatch(/needs the gradient/);
});

describe("classes", () => {
  it("the predicted class is explained as the given one", async () => {
    const predicted = await fixtureExplainer("mixing", "features");
    const given = await fixtureExplainer("mixing", "features", { classes: "given" });
    const [one] = await predicted.explain(image);
    const [two] = await given.explain(image, [classIndex]);
    expect(one?.explanation).toEqual(two?.explanation);
    expect(one?.explanation.logits).toHaveLength(4);
  });
  it("a further class has the gradient of a run of its own", async () => {
    const explainer = await fixtureExplainer("mixing", "features", { classes: "given" });
    const [, further] = await explainer.explain(image, [classIndex, otherClass]);
    const [own] = await explainer.explain(image, [otherClass]);
    expect(further?.explanation.score).toBe(own?.explanation.score);
    const data = (one: typeof own) => Float32Array.from(one?.explanation.gradient?.data ?? []);
    expect(relativeL2(data(further), data(own))).toBeLessThan(1e-6);
  });
  it.each([-1, 4, 1.5, NaN])("refuses class %s, and says which there are", async (index) => {
    const explainer = await fixtureExplainer("mixing", "features", { classes: "given" });
    expect((await refusalOf(explainer.explain(image, [0, index]))).message).toMatch(
      new RegExp(`class ${index} .*4 classes, 0 to 3`),
    );
  });
});

it("refuses to explain given classes where none is given", async () => {
  const explainer = await fixtureExplainer("mixing", "features", { classes: "given" });
  expect((await refusalOf(explainer.explain(image))).message).toMatch(/none is given/);
});

it("a probability's gradient is p (g - Σ p g) of the logits' gradients g", async () => {
  const logits = await fixtureExplainer("mixing", "features", { classes: "given" });
  const explanations = (await logits.explain(image, [0, 1, 2, 3])).map(({ explanation }) => explanation);
  const probability = await fixtureExplainer("mixing", "features", { score: "probability" });
  const [one] = await probability.explain(image);
  const p = explanations.map((explanation) => explanation.probability);
  expect(one?.explanation.score).toBeCloseTo(p[classIndex] ?? NaN, 6);
  const own = explanations[classIndex]?.gradient?.data ?? [];
  const wanted = Float32Array.from(own, (g, element) => {
    const mean = explanations.reduce(
      (sum, { gradient }, k) => sum + (p[k] ?? NaN) * (gradient?.data[element] ?? NaN),
      0,
    );
    return (p[classIndex] ?? NaN) * (g - mean);
  });
  expect(relativeL2(Float32Array.from(one?.explanation.gradient?.data ?? []), wanted)).toBeLessThan(1e-4);
});

describe("a layer that the image passes by: inside a residual block", () => {
  const at = (name: string) =>
    fileURLToPath(new URL(`../fixtures/gradients/resnet_tiny/${name}`, import.meta.url));
  const input = readNpy(readFileSync(at("input_0.npy")), "input") as Tensor<"float32">;

  async function inside(asks: Requirement) {
    const { network } = await openModel(at("model.onnx"), { threads: 1 });
    const layer = layersOf(network).findLast(({ operator }) => operator === "Conv");
    if (layer === undefined) throw new Error("no convolution");
    const explainer = await openExplainer(network, layer, {
      ...everything,
      requirements: new Set([asks]),
      classes: "given",
    });
    onTestFinished(() => explainer.release());
    return explainer;
  }

  it("still explains several classes, by whole runs", async () => {
    const explainer = await inside("gradient");
    const both = await explainer.explain(input, [14, 3]);
    const [own] = await explainer.explain(input, [3]);
    expect(both[1]?.explanation).toEqual(own?.explanation);
    expect(both[1]?.explanation).not.toEqual(both[0]?.explanation);
  });
  it("has no head to put ablated features into, and says so", async () => {
    const [one] = await (await inside("ablated features")).explain(input, [14]);
    if (one === undefined) throw new Error("nothing explained");
    expect((await refusalOf(camGrid("ablation-cam", one))).message).toMatch(/determine/);
  });
});

it("many images may be asked at once, and keep their order", async () => {
  const explainer = await fixtureExplainer("mixing", "features", { images: 3 });
  const scaled = [1, 2, 3].map((factor) =>
    float32(
      image.shape,
      image.data.map((value) => factor * value),
    ),
  );
  const together = await Promise.all(scaled.map((one) => explainer.explain(one)));
  for (const [k, one] of scaled.entries()) {
    const [alone] = await explainer.explain(one);
    expect(together[k]?.[0]?.explanation).toEqual(alone?.explanation);
  }
});
