import { describe, expect, it } from "vitest";
import { camGrid, camMap } from "../../src/cam/cam.ts";
import type { CamColumn } from "../../src/cam/columns.ts";
import { openExplainer } from "../../src/cam/explain.ts";
import { camGraph, type CamGraphRequest } from "../../src/cam/cam-graph.ts";
import { graphMethods, camMethods } from "../../src/cam/methods.ts";
import { normalizations } from "../../src/cam/normalizations.ts";
import { upsamplers, type Upsampling } from "../../src/cam/upsamplers.ts";
import { keysOf } from "../../src/core/required.ts";
import { findLayer } from "../../src/runtime/layers.ts";
import type { Network } from "../../src/runtime/network.ts";
import { openModel } from "../../src/runtime/open.ts";
import { float32, realMap, type RealMap, type Tensor } from "../../src/core/tensor.ts";
import { onDisk } from "../runtime/small-onnx.ts";
import { runGraph } from "../graph/run-graph.ts";
import { noise } from "../onnx/small-model.ts";
import { worstShareOfRange } from "./goldens.ts";
import { networks, pooled } from "./networks.ts";

const opened = async (bytes: Uint8Array): Promise<Network> =>
  (await openModel(await onDisk(bytes), { threads: 1 })).network;

const gaussian: Upsampling = {
  by: "gaussian",
  sigmaX: 2.1,
  sigmaY: 1.7,
  position: "calibrated",
  normalize: false,
  anchor: { x: { cell: 1, center: 3.2, stride: 2 }, y: { cell: 1, center: 2.9, stride: 2 } },
};
const upsamplings = keysOf(upsamplers).map((by): Upsampling => (by === "gaussian" ? gaussian : { by }));

const extended: CamColumn = { method: "extended", control: null, upsampling: gaussian, rectify: false };

const requestFor = (network: Network, given: Partial<CamGraphRequest> = {}): CamGraphRequest => ({
  layer: findLayer(network, "map"),
  logits: network.logits.name,
  probability: network.probability,
  classIndex: undefined,
  score: "logit",
  column: extended,
  normalization: "none",
  size: [network.input.height, network.input.width],
  ...given,
});

interface Cam {
  readonly logits: readonly number[];
  readonly classIndex: number;
  readonly grid: RealMap;
  readonly map: RealMap;
}

const asMap = (tensor: Tensor | undefined): RealMap => {
  const [height = 0, width = 0] = tensor?.shape ?? [];
  return realMap(height, width, Float64Array.from(tensor?.data ?? [], Number));
};

/** What the graph returns for an image. */
async function fromGraph(network: Network, request: CamGraphRequest, image: Tensor): Promise<Cam> {
  if (network.graph === null) throw new Error("an ONNX model has a graph");
  const graph = camGraph(network.graph, request);
  expect(graph.outputs.map(({ name }) => name)).toEqual(["logits", "class_index", "grid", "map"]);
  const [logits, classIndex, grid, map] = await runGraph(graph, { image });
  expect({ dtype: classIndex?.dtype, shape: classIndex?.shape }).toEqual({ dtype: "int64", shape: [1] });
  return {
    logits: Array.from(logits?.data ?? [], Number),
    classIndex: Number(classIndex?.data[0]),
    grid: asMap(grid),
    map: asMap(map),
  };
}

/** The same from the explainer and the numeric methods. */
async function fromNumbers(
  network: Network,
  { layer, classIndex, score, column, normalization, size }: CamGraphRequest,
  image: Tensor<"float32">,
): Promise<Cam> {
  const explainer = await openExplainer(network, layer, {
    score,
    images: 1,
    requirements: new Set([camMethods[column.method].requires]),
    classes: classIndex === undefined ? "predicted" : "given",
  });
  const [one] = await explainer.explain(image, classIndex === undefined ? undefined : [classIndex]);
  if (one === undefined) throw new Error("an image has a class");
  const grid = await camGrid(column.method, one);
  await explainer.release();
  const { explanation } = one;
  return {
    logits: [...explanation.logits],
    classIndex: explanation.classIndex,
    grid,
    map: camMap(column, grid, size, normalization),
  };
}

/** Shares of the range by which the two differ. */
async function compared(network: Network, request: CamGraphRequest, seed = 11): Promise<void> {
  const image = noise([1, 3, 12, 12], seed);
  const [found, expected] = [
    await fromGraph(network, request, image),
    await fromNumbers(network, request, image),
  ];
  expect(found.classIndex).toBe(expected.classIndex);
  found.logits.forEach((logit, index) => {
    expect(logit).toBeCloseTo(expected.logits[index] ?? NaN, 5);
  });
  expect(worstShareOfRange(found.grid, expected.grid)).toBeLessThan(1e-5);
  expect(worstShareOfRange(found.map, expected.map)).toBeLessThan(1e-5);
}

describe("the graph's maps are the numeric ones, to 1e-5 of the range", () => {
  it.each(Object.entries(networks))("layer in %s", async (layout, bytes) => {
    const network = await opened(bytes);
    expect(findLayer(network, "map").grid.layout).toBe(layout);
    for (const seed of [11, 12, 13]) await compared(network, requestFor(network), seed);
  });

  it.each(graphMethods)("method %s", async (method) => {
    const network = await opened(camMethods[method].requires === "linear head" ? pooled : networks.NCHW);
    const { rectify } = camMethods[method];
    await compared(network, requestFor(network, { column: { ...extended, method, rectify } }));
  });

  it.each(upsamplings)("upsampling $by", async (upsampling) => {
    const network = await opened(networks.NCHW);
    await compared(network, requestFor(network, { column: { ...extended, upsampling } }));
  });

  it.each(keysOf(normalizations))("normalization %s, with and without ReLU", async (normalization) => {
    const network = await opened(networks.NCHW);
    for (const rectify of [false, true])
      await compared(network, requestFor(network, { normalization, column: { ...extended, rectify } }));
  });

  it.each(["logit", "probability"] as const)(
    "%s of a given class and of the predicted one",
    async (score) => {
      const network = await opened(networks.NHWC);
      for (const classIndex of [undefined, 0, 4])
        await compared(network, requestFor(network, { score, classIndex }));
    },
  );
});

it("an image that nothing answers to has a map of zeros by every normalization", async () => {
  const network = await opened(networks.NCHW);
  const black = float32([1, 3, 12, 12], new Float32Array(3 * 12 * 12));
  for (const normalization of keysOf(normalizations)) {
    const { grid, map } = await fromGraph(network, requestFor(network, { normalization }), black);
    expect([...grid.data, ...map.data].filter((value) => value !== 0)).toEqual([]);
  }
});

describe("what is refused", () => {
  it("a class that does not exist", async () => {
    const network = await opened(networks.NCHW);
    await expect(
      fromGraph(network, requestFor(network, { classIndex: 5 }), noise([1, 3, 12, 12])),
    ).rejects.toThrow(/index 5 .*5 elements/);
  });
  it("a method that is no single expression", async () => {
    const network = await opened(networks.NCHW);
    const request = requestFor(network, { column: { ...extended, method: "score-cam" } });
    await expect(fromGraph(network, request, noise([1, 3, 12, 12]))).rejects.toThrow(/score-cam .*it needs/);
  });
});
