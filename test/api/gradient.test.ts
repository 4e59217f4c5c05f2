import ndarray from "ndarray";
import { describe, expect, it } from "vitest";
import { gradient } from "../../src/index.ts";
import { samplePhotograph } from "../cli/erfit.ts";
import { imageShape } from "../cli/networks.ts";
import { noise } from "../onnx/small-model.ts";
import { opened } from "./small.ts";

describe("gradient", () => {
  const x = () => {
    const { data } = noise(imageShape, 9);
    if (!(data instanceof Float32Array)) throw new Error("not float32");
    return ndarray(data, [...imageShape]);
  };

  it("is of the top class by the image where nothing is said, as its element's is", async () => {
    const model = await opened();
    const top = await gradient(model, x());
    expect([top.shape, top.dtype]).toEqual([[1, 3, 12, 12], "float32"]);
    const elements = await Promise.all([0, 1, 2].map((index) => gradient(model, x(), { index })));
    expect(elements.map(({ data }) => data)).toContainEqual(top.data);
  });

  it("is of the central cell of a feature map; a cotangent says the same; the image without its 1 too", async () => {
    const model = await opened();
    const weights = ndarray(new Float64Array(108), [1, 3, 6, 6]);
    for (const channel of [0, 1, 2]) weights.set(0, channel, 3, 3, 1 / 3);
    const [cell, named, cotangent] = [
      await gradient(model, x(), { target: "last" }),
      await gradient(model, x().pick(0, null, null, null), {
        target: "last",
        cell: [3, 3],
      }),
      await gradient(model, x(), { target: "last", cotangent: weights }),
    ];
    expect(named.data).toEqual(cell.data);
    cotangent.data.forEach((value, i) => {
      expect(value).toBeCloseTo(cell.data[i] ?? NaN, 6);
    });
  });

  it("is by another tensor: of a global mean, 1 over the number of cells", async () => {
    const model = await opened();
    const found = await gradient(model, samplePhotograph("cat.jpg"), { index: 1, wrt: "last" });
    expect(found.shape).toEqual([1, 3, 6, 6]);
    expect([...found.data]).toEqual(
      [...found.data].map((_, i) => (Math.floor(i / 36) === 1 ? Math.fround(1 / 36) : 0)),
    );
  });

  it("refuses what does not fit", async () => {
    const model = await opened();
    const small = ndarray(new Float32Array(27), [1, 3, 3, 3]);
    await expect(gradient(model, small)).rejects.toThrow(
      /must have shape \[1, 3, 12, 12\], found \[1, 3, 3, 3\]/,
    );
    await expect(gradient(model, x(), { target: "lost" })).rejects.toThrow(/no layer named "lost"/);
    await expect(gradient(model, x(), { index: 3 })).rejects.toThrow(/index: 3 is outside "logits"/);
    const signal = AbortSignal.abort(new Error("no"));
    await expect(gradient(model, x(), { signal })).rejects.toThrow("no");
  });
});
