import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openModel, probe } from "../../src/index.ts";
import { sampleModel, samplePhotograph } from "../cli/erfit.ts";
import { damaged, inputs, opened, collected } from "./small.ts";

describe("probe", () => {
  it("gives one step an image, and the map as an ndarray", async () => {
    const model = await opened();
    const images = inputs(5);
    const run = probe(model, images);
    const steps = await collected(run);
    expect(steps.map(({ done, of, image, problem }) => [done, of, image, problem])).toEqual(
      [0, 1, 2, 3, 4].map((k) => [k + 1, 5, `x${k}.npy`, null]),
    );
    const { map, images: record, layer, protocol, blocks } = await run;
    expect([map.shape, map.dtype, blocks.length]).toEqual([[12, 12], "float64", 5]);
    expect(map.data.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
    expect(map.get(0, 0)).toBe(0); // outside the 5 x 5 pixels that the cell sees
    expect({ record, layer, protocol }).toMatchObject({
      record: { views: 5, skippedCount: 0 },
      layer: { name: "last", cell: [3, 3] },
      protocol: "openerf",
    });
  });

  it("takes the options of the command: layer, cell, protocol, limit, shuffle", async () => {
    const model = await opened();
    const options = { layer: "first", cell: [2, 4], protocol: "signed", limit: 2, shuffle: 1 } as const;
    const run = probe(model, inputs(5), options);
    const { layer, protocol, images } = await run;
    expect(layer).toMatchObject({ name: "first", cell: [2, 4] });
    expect([protocol, images.views, images.shuffled]).toEqual(["signed", 2, 1]);
  });

  it("skips, counts and names an image that cannot be read; not one is a failure", async () => {
    writeFileSync(damaged, "no array");
    const model = await opened();
    const run = probe(model, [damaged, ...inputs(1)]);
    const [first, second] = await collected(run);
    expect(first?.problem).toContain("damaged.npy: not a .npy file");
    expect(second?.problem).toBeNull();
    expect((await run).images).toMatchObject({ views: 1, skippedCount: 1 });
    await expect(probe(model, damaged)).rejects.toThrow(/damaged\.npy could not be used/);
  });

  it("ends between images when it is aborted, with the signal's reason", async () => {
    const model = await opened();
    const controller = new AbortController();
    const run = probe(model, inputs(8), { signal: controller.signal });
    const reason = new Error("enough");
    let seen = 0;
    const looped = async () => {
      for await (const { done } of run) {
        seen = done;
        if (done === 2) controller.abort(reason);
      }
    };
    await expect(looped()).rejects.toBe(reason);
    expect(seen).toBe(2);
  });

  it("finds no layer, no image", async () => {
    const model = await opened();
    await expect(probe(model, inputs(1), { layer: "lost" })).rejects.toThrow(/no layer named "lost"/);
    await expect(probe(model, "nowhere/")).rejects.toThrow("nowhere/: no such file or folder");
    await expect(probe(model, inputs(1), { cell: [6, 0] })).rejects.toThrow(/cell 6,0 is outside/);
    await expect(probe(model, inputs(1), { cell: [1, 0], token: 3 })).rejects.toThrow(/cell and token/);
  });
});

it("a failed run that is only looped over leaves no rejection unhandled", async () => {
  const unhandled: unknown[] = [];
  const listener = (reason: unknown) => unhandled.push(reason);
  process.on("unhandledRejection", listener);
  const model = await openModel(sampleModel, { threads: 1 });
  await expect(collected(probe(model, "nowhere/"))).rejects.toThrow("nowhere/");
  for await (const { done } of probe(model, samplePhotograph("cat.jpg"), { layer: "block1_conv1" }))
    if (done === 1) break;
  await model.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off("unhandledRejection", listener);
  expect(unhandled).toEqual([]);
});
