import { describe, expect, it } from "vitest";
import type { DifferentiationRequest, ImageInput, Network } from "../../src/runtime/network.ts";
import { ErfitError } from "../../src/core/error.ts";
import { float32, type Tensor } from "../../src/core/tensor.ts";
import { add, emptyAccumulator, imagesIn, skippedIn } from "../../src/erf/accumulator.ts";
import { colorPlanes, erfMap, probe, type ProbeImage, type ProbeProgress } from "../../src/erf/probe.ts";
import { fakeNetwork, tensor } from "../runtime/fake-network.ts";

const input: ImageInput = { name: "image", shape: [1, 3, 2, 2], layout: "NCHW", height: 2, width: 2 };
const layer = {
  ...tensor("last", "Relu", [1, 8, 4, 4]),
  label: "last",
  grid: { layout: "NCHW", height: 4, width: 4, channels: 8, prefixTokens: 0 },
} as const;

/** A network whose gradient is the image itself; it counts what is asked of it. */
function echo(more: Partial<Network> = {}) {
  const seen = { requests: new Array<DifferentiationRequest>(), runs: 0, releases: 0 };
  const network = fakeNetwork([layer], {
    input,
    differentiate: (request) => {
      seen.requests.push(request);
      return Promise.resolve({
        simultaneous: 1,
        run: ({ image }) => {
          seen.runs++;
          return Promise.resolve({ gradient: image, alongside: [] });
        },
        release: () => {
          seen.releases++;
          return Promise.resolve();
        },
      });
    },
    ...more,
  });
  return { network, seen };
}

/** A gradient of one value per pixel, the same in all three colors. */
const gray = (...pixels: readonly number[]): Tensor<"float32"> =>
  float32([1, 3, 2, 2], [...pixels, ...pixels, ...pixels]);

async function* stream(images: readonly ProbeImage[]): AsyncGenerator<ProbeImage, void> {
  for (const image of images) yield await Promise.resolve(image);
}

const image = (name: string, index: number, tensor: Tensor<"float32"> | null): ProbeImage => ({
  name,
  photograph: { index, name: name.replace(/#\d+$/, "") },
  tensor,
});

const options = { layer, cell: [2, 1], protocol: "openerf", count: 3 } as const;

async function all(network: Network, images: readonly ProbeImage[]): Promise<ProbeProgress[]> {
  const progress: ProbeProgress[] = [];
  for await (const step of probe(network, stream(images), options)) progress.push(step);
  return progress;
}

describe("probe", () => {
  it("differentiates the layer at the cell, once, and runs each image", async () => {
    const { network, seen } = echo();
    await all(network, [image("a", 0, gray(1, 2, 3, 4)), image("b", 1, gray(1, 1, 1, 1))]);
    expect(seen).toEqual({
      requests: [
        {
          target: "last",
          objective: { kind: "channel-mean", cell: [0, null, 2, 1] },
          images: 3,
          programs: 1,
        },
      ],
      runs: 2,
      releases: 1,
    });
  });

  it("sums the maps of the protocol, and tells its progress after each image", async () => {
    const { network } = echo();
    const progress = await all(network, [image("a", 0, gray(1, -2, 3, 4)), image("b", 1, gray(5, 1, -1, 0))]);
    expect(progress.map(({ done, name }) => [done, name])).toEqual([
      [1, "a"],
      [2, "b"],
    ]);
    const { accumulator } = progress.at(-1) ?? {};
    expect(accumulator && skippedIn(accumulator).count).toBe(0);
    expect(accumulator && [...erfMap(accumulator, "openerf").data]).toEqual([6, 1, 3, 4].map((v) => v / 14));
    expect(accumulator?.blocks.slice(0, 3).map((block) => block?.images)).toEqual([1, 1, 0]);
  });

  it("skips what could not be read and what has no finite gradient, with the reason, and goes on", async () => {
    const { network, seen } = echo();
    const images = [
      { ...image("cut.jpg", 0, null), problem: "cut.jpg: premature end" },
      image("lost.jpg", 1, null),
      image("nan.npy", 2, gray(1, NaN, 0, 0)),
      image("inf.npy", 3, gray(1, -Infinity, 0, 0)),
      image("good.jpg", 4, gray(1, 0, 0, 3)),
    ];
    const progress = await all(network, images);
    expect(progress.map(({ done, problem }) => [done, problem])).toEqual([
      [1, "cut.jpg: premature end"],
      [2, "it could not be read"],
      [3, "its gradient holds NaN or infinity"],
      [4, "its gradient holds NaN or infinity"],
      [5, null],
    ]);
    const { accumulator } = progress.at(-1) ?? {};
    expect(accumulator && skippedIn(accumulator)).toEqual({
      count: 4,
      first: [
        { photograph: 0, name: "cut.jpg", reason: "cut.jpg: premature end" },
        { photograph: 1, name: "lost.jpg", reason: "it could not be read" },
        { photograph: 2, name: "nan.npy", reason: "its gradient holds NaN or infinity" },
        { photograph: 3, name: "inf.npy", reason: "its gradient holds NaN or infinity" },
      ],
    });
    expect(seen.runs).toBe(3);
    expect(accumulator && imagesIn(accumulator)).toBe(1);
    expect(accumulator && [...erfMap(accumulator, "openerf").data]).toEqual([0.25, 0, 0, 0.75]);
    expect(accumulator?.blocks[4]?.images).toBe(1); // blocks go by photograph, skipped ones included
  });

  it("puts all views of a photograph into its block", async () => {
    const { network } = echo();
    const views = ["a", "a#1", "a#2", "b", "b#1"];
    const progress = await all(
      network,
      views.map((name) => image(name, name.startsWith("a") ? 0 : 1, gray(1, 1, 1, 1))),
    );
    expect(
      progress
        .at(-1)
        ?.accumulator.blocks.slice(0, 3)
        .map((block) => block?.images),
    ).toEqual([3, 2, 0]);
  });

  it("releases the program when the loop is left", async () => {
    const { network, seen } = echo();
    for await (const { done } of probe(
      network,
      stream([1, 2, 3].map((n) => image("x", n, gray(n)))),
      options,
    ))
      if (done === 1) break;
    expect([seen.runs, seen.releases]).toEqual([2, 1]); // one run was ahead
  });

  it("releases the program when a run fails, and hands the failure on", async () => {
    const failing = new ErfitError("ONNX Runtime failed", { kind: "failure" });
    let releases = 0;
    const { network } = echo({
      differentiate: () =>
        Promise.resolve({
          simultaneous: 1,
          run: () => Promise.reject(failing),
          release: () => {
            releases++;
            return Promise.resolve();
          },
        }),
    });
    await expect(all(network, [image("a", 0, gray(1, 1, 1, 1))])).rejects.toBe(failing);
    expect(releases).toBe(1);
  });
});

describe("color planes", () => {
  // Element = 10 x pixel + color.
  const planes = [0, 1, 2].map((color) =>
    Float32Array.from([0, 1, 2, 3, 4, 5], (pixel) => 10 * pixel + color),
  );

  it("of a channels-first gradient are parts of it", () => {
    const data = Float32Array.from(planes.flatMap((plane) => [...plane]));
    const shape = [1, 3, 2, 3];
    const found = colorPlanes(float32(shape, data), { ...input, shape, width: 3 });
    expect(found).toEqual(planes);
    expect(found.every(({ buffer }) => buffer === data.buffer)).toBe(true);
  });

  it("of a channels-last gradient are gathered", () => {
    const shape = [1, 2, 3, 3];
    const data = Float32Array.from({ length: 18 }, (_, i) => 10 * Math.floor(i / 3) + (i % 3));
    expect(colorPlanes(float32(shape, data), { ...input, shape, width: 3, layout: "NHWC" })).toEqual(planes);
  });
});

describe("the map of many images", () => {
  const of = (...maps: readonly (readonly number[])[]) =>
    maps.reduce(
      (accumulator, map, index) =>
        add(accumulator, { index, name: String(index) }, (sum) => {
          map.forEach((value, i) => (sum[i] = (sum[i] ?? 0) + value));
          return map.reduce((mass, value) => mass + value, 0);
        }),
      emptyAccumulator(2, 2),
    );

  it("sums to one", () => {
    const { shape, data } = erfMap(of([1, 0.1, 7, 0], [0.3, 0.2, 1, 5], [0, 0, 1e-3, 2]), "absolute");
    expect(shape).toEqual([2, 2]);
    expect(data.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 14);
  });

  it("of the signed protocol is the mean over images", () => {
    expect([...erfMap(of([4, -2, 0, 1], [-4, -2, 2, 2]), "signed").data]).toEqual([0, -2, 1, 1.5]);
  });

  it("that is zero everywhere stays zero", () => {
    expect([...erfMap(of([0, 0, 0, 0]), "openerf").data]).toEqual([0, 0, 0, 0]);
    expect([...erfMap(emptyAccumulator(2, 2), "openerf").data]).toEqual([0, 0, 0, 0]);
  });
});
