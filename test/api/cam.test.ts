import { writeFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { calibrate, cam, camMethods, evaluate, upsample, type CamOfImage } from "../../src/index.ts";
import { samplePhotograph } from "../cli/erfit.ts";
import { damaged, inputs, opened, collected, shared } from "./small.ts";

describe("cam", () => {
  it("gives a map of each class of each image by each method, in order", async () => {
    const model = await opened();
    const options = {
      method: ["grad-cam", "extended"],
      sigma: shared,
      class: [2, "top1"],
      control: "shuffled",
    } as const;
    const maps = await collected(cam(model, inputs(2), options));
    const named = maps.map(({ image, key }) => `${image} ${key}`);
    const keys = [
      "grad-cam.bilinear",
      "grad-cam-shuffled.bilinear",
      "extended.gaussian",
      "extended-shuffled.gaussian",
    ];
    const classes = new Set(maps.map(({ image, classIndex }) => `${image} ${classIndex}`));
    expect(named).toHaveLength(4 * classes.size);
    expect(named.slice(0, 4)).toEqual(keys.map((key) => `x0.npy ${key}`));
    const [first] = maps;
    expect(first).toMatchObject({ classIndex: 2, className: "class 2", method: "grad-cam", control: null });
    expect([first?.grid.shape, first?.map.shape, first?.photograph]).toEqual([[6, 6], [12, 12], null]);
    const extended = maps[2];
    if (extended === undefined) throw new Error("no map");
    const again = upsample(extended.grid, [12, 12], { sigma: shared });
    expect(extended.map.data).toEqual(again.data);
  });

  it("shows what the network saw of a photograph", async () => {
    const model = await opened();
    const [one] = await collected(cam(model, samplePhotograph("cat.jpg")));
    expect([one?.photograph?.shape, one?.photograph?.dtype]).toEqual([[12, 12, 3], "uint8"]);
  });

  it("takes a calibration of this model and layer, and of no other unless told so", async () => {
    const model = await opened();
    const { calibration } = await calibrate(model, inputs(8));
    const [one] = await collected(cam(model, inputs(1), { calibration }));
    expect(one?.upsampling).toBe("gaussian");
    const elsewhere = { calibration, layer: "first" };
    await expect(collected(cam(model, inputs(1), elsewhere))).rejects.toThrow(
      /of layer "last", not of "first"/,
    );
    await expect(
      collected(cam(model, inputs(1), { ...elsewhere, anyCalibration: true })),
    ).resolves.toHaveLength(1);
  });

  it("warns of a calibration of other preprocessing, and refuses one of another scale", async () => {
    const model = await opened({ preprocessing: "unit", resize: [12, 12] });
    const { calibration } = await calibrate(model, inputs(8));
    const shifted = await opened({ preprocessing: "unit", resize: [12, 12], mean: [0.1, 0.1, 0.1] });
    const options = { calibration, method: ["extended", "grad-cam"] } as const;
    const codes = (maps: readonly CamOfImage[]) =>
      maps.map(({ warnings }) => warnings.map(({ code }) => code));
    expect(codes(await collected(cam(model, inputs(1), options)))).toEqual([[], []]);
    expect(codes(await collected(cam(shifted, inputs(1), options)))).toEqual([["OTHER_PREPROCESSING"], []]);
    const scaled = await opened({ preprocessing: "raw", resize: [12, 12] });
    await expect(collected(cam(scaled, inputs(1), options))).rejects.toThrow(
      /measured with other preprocessing: scale: 0-1 .*\(there\), 0-255/,
    );
    const { warnings } = await evaluate(shifted, inputs(2), { calibration, method: "extended", control: [] });
    expect(warnings.map(({ code }) => code)).toEqual(["OTHER_PREPROCESSING"]);
  });

  it("warns of a sigma far below the cells' spacing, given by hand too", async () => {
    const model = await opened();
    const sigma = { sigmaX: 0.5, sigmaY: 3 };
    const [sprayed, bilinear] = await collected(
      cam(model, inputs(1), { sigma, method: ["extended", "grad-cam"] }),
    );
    expect(sprayed?.warnings.map(({ code }) => code)).toEqual(["SIGMA_BELOW_STRIDE"]);
    expect(sprayed?.warnings[0]?.message).toMatch(/^Sigma_X is 0\.5 px at cells 2 px apart/);
    expect(bilinear?.warnings).toEqual([]);
  });

  it("ends at an image that cannot be used, or tells of it and goes on", async () => {
    writeFileSync(damaged, "no array");
    const model = await opened();
    const images = [damaged, ...inputs(1)];
    await expect(collected(cam(model, images))).rejects.toThrow(/damaged\.npy: not a .npy file/);
    const onSkipped = vi.fn();
    expect(await collected(cam(model, images, { onSkipped }))).toHaveLength(1);
    expect(onSkipped.mock.calls).toEqual([["damaged.npy", expect.stringMatching(/not a \.npy file/)]]);
  });

  it("left early releases; aborted, it ends with the reason", async () => {
    const model = await opened();
    const seen: CamOfImage[] = [];
    for await (const one of cam(model, inputs(4))) {
      seen.push(one);
      break;
    }
    expect(seen).toHaveLength(1);
    const signal = AbortSignal.abort(new Error("no"));
    await expect(collected(cam(model, inputs(4), { signal }))).rejects.toThrow("no");
  });
});

it("the tables name what the options take", () => {
  expect(camMethods.extended).toMatchObject({ title: "Extended-CAM", paper: "Kim et al. 2021, Eq. 8" });
});
