import { describe, expect, it } from "vitest";
import { expressionOf, graphMethods, camMethods, type CamMethodName } from "../../src/cam/methods.ts";
import { camGrid } from "../../src/cam/cam.ts";
import { defaultCamOptions } from "../../src/cam/options.ts";
import type { FeatureMap } from "../../src/cam/feature-map.ts";
import { extend } from "../../src/graph/builder.ts";
import { float32, realMap, type RealMap, type Tensor } from "../../src/core/tensor.ts";
import { empty, runGraph } from "../graph/run-graph.ts";
import { noise } from "../onnx/small-model.ts";
import { explained } from "./explained.ts";
import { worstShareOfRange } from "./goldens.ts";

const shape = [7, 5, 4] as const;
const [, height, width] = shape;

const featureMap = ({ data }: Tensor<"float32">): FeatureMap => ({ shape, data });

/** Activations as they are behind a ReLU: half of them zero, one channel silent. */
const activations = float32(
  shape,
  noise(shape, 3).data.map((value, element) => (element < height * width ? 0 : Math.max(value, 0))),
);
const gradients = noise(shape, 4);
/** The gradient of a head that is linear behind a mean over the cells. */
const even = float32(
  shape,
  gradients.data.map((_, element) => gradients.data[element - (element % (height * width))] ?? 0),
);

async function inGraph(method: CamMethodName, G: Tensor<"float32">): Promise<RealMap> {
  const g = extend(empty);
  const [A, of] = [g.input("A", "float32", shape), g.input("G", "float32", shape)];
  const grid = expressionOf(method)(g, A, of, defaultCamOptions);
  expect(grid.shape).toEqual([height, width]);
  const [found] = await runGraph(g.build([grid]), { A: activations, G });
  return realMap(height, width, Float64Array.from(found?.data ?? [], Number));
}

/** The score of a linear head at other feature maps. */
const linear = (features: Iterable<FeatureMap>, G: Tensor<"float32">): Promise<Float64Array> =>
  Promise.resolve(
    Float64Array.from([...features], ({ data }) =>
      Float64Array.from(data).reduce((sum, value, element) => sum + value * (G.data[element] ?? 0), 0),
    ),
  );

const asNumbers = async (method: CamMethodName, G: Tensor<"float32">): Promise<RealMap> => {
  const [score = NaN] = await linear([featureMap(activations)], G);
  const one = explained(featureMap(activations), featureMap(G), score, {
    scoresOfFeatures: (features) => linear(features, G),
  });
  return camGrid(method, one, defaultCamOptions);
};

describe.each(graphMethods)("%s", (method) => {
  const G = camMethods[method].requires === "linear head" ? even : gradients;

  it("is the same grid as a graph and as numbers, to 1e-6 of its range", async () => {
    expect(worstShareOfRange(await inGraph(method, G), await asNumbers(method, G))).toBeLessThan(1e-6);
  });
});

describe("methods that are no single expression", () => {
  const others = (Object.keys(camMethods) as CamMethodName[]).filter((name) => !graphMethods.includes(name));

  it("are those that ask more than one gradient, or a decomposition", () => {
    expect(others).toEqual(["smooth-grad-cam++", "eigencam", "eigengradcam", "score-cam", "ablation-cam"]);
  });
  it.each(others)("%s is refused with the reason and what to do", (method) => {
    expect(() => expressionOf(method)).toThrow(new RegExp(`^${method.replaceAll("+", "\\+")} .*it needs .+`));
  });
});
