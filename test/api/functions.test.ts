import { writeFileSync } from "node:fs";
import { join } from "node:path";
import ndarray from "ndarray";
import { describe, expect, it, vi } from "vitest";
import { fitMap } from "../../src/fit/fit.ts";
import { gaussianMap } from "../../src/fit/surface.ts";
import { surfaceFrom } from "../../src/fit/model.ts";
import {
  calibrate,
  cam,
  camMethods,
  ErfitError,
  evaluate,
  fitGaussian,
  gradient,
  openModel,
  probe,
  readCalibration,
  readMap,
  upsample,
  writeCalibration,
  writeMap,
  type CamOfImage,
  type Model,
} from "../../src/index.ts";
import { folder, sampleModel, samplePhotograph } from "../cli/erfit.ts";
import { imageShape } from "../cli/networks.ts";
import { noise } from "../onnx/small-model.ts";
import { damaged, inputs, network, opened } from "./small.ts";

const collected = async <T>(steps: AsyncIterable<T>): Promise<readonly T[]> => {
  const all: T[] = [];
  for await (const step of steps) all.push(step);
  return all;
};

/** A call as JavaScript makes it, unchecked. */
function untyped(called: (...args: never[]) => unknown, args: readonly unknown[]): unknown {
  const result: unknown = Reflect.apply(called, null, args);
  return result;
}

const shared = { sigmaX: 3, sigmaY: 2.5 } as const;
const round = gaussianMap(
  surfaceFrom({ amplitude: 1, centreX: 20, centreY: 18, sigmaX: 5, sigmaY: 4, rho: 0, background: 0 }),
  [41, 43],
);

describe("openModel", () => {
  it("says what there is: the input, the feature maps, the default layer", async () => {
    const model = await opened();
    expect(model).toMatchObject({ file: "net.onnx", defaultLayer: "last", classNames: null, remarks: [] });
    expect(model.input).toMatchObject({ name: "image", layout: "NCHW", height: 12, width: 12 });
    expect(model.layers.map(({ name }) => name)).toEqual(["first", "active", "last"]);
    expect(model.layers[2]).toMatchObject({
      module: "last",
      grid: { height: 6, width: 6, channels: 3, layout: "NCHW" },
      cell: [3, 3],
      stride: [2, 2],
      receptiveField: { height: 5, width: 5, centreY: 6, centreX: 6 },
    });
    expect(model.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it("takes preprocessing by its preset's name, or single choices over what is known", async () => {
    const [preset, choice] = [
      await opened({ preprocessing: "tf" }),
      await opened({ preprocessing: { preset: "tf", std: [1, 1, 1] } }),
    ];
    expect(preset.preprocessing).toMatchObject({ source: "preset tf", std: [127.5, 127.5, 127.5] });
    expect(choice.preprocessing).toMatchObject({
      scale: "0-255",
      mean: [127.5, 127.5, 127.5],
      std: [1, 1, 1],
    });
  });

  it("closed, ends what is under way, and lets nothing begin", async () => {
    const model = await opened();
    const run = probe(model, inputs(8));
    const steps = run[Symbol.asyncIterator]();
    expect(await steps.next()).toMatchObject({ done: false });
    await model.close();
    await expect(run).rejects.toThrow("net.onnx: the model was closed");
    expect(() => probe(model, inputs(1))).toThrow("the model was closed");
  });

  it("is closed by `await using`, as any disposable is", async () => {
    const model = await opened();
    await model[Symbol.asyncDispose]();
    expect(() => cam(model, inputs(1))).toThrow("closed");
  });
});

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
      record: { count: 5, skippedCount: 0 },
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
    expect([protocol, images.count, images.shuffled]).toEqual(["signed", 2, 1]);
  });

  it("skips, counts and names an image that cannot be read; not one is a failure", async () => {
    writeFileSync(damaged, "no array");
    const model = await opened();
    const run = probe(model, [damaged, ...inputs(1)]);
    const [first, second] = await collected(run);
    expect(first?.problem).toContain("damaged.npy: not a .npy file");
    expect(second?.problem).toBeNull();
    expect((await run).images).toMatchObject({ count: 1, skippedCount: 1 });
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

describe("fitGaussian", () => {
  it("fits a map as the command does, of any form: ndarray, a view of one, rows", () => {
    const expected = fitMap(round);
    const array = ndarray(round.data, [...round.shape]);
    const rows = Array.from({ length: 41 }, (_, y) => round.data.slice(43 * y, 43 * (y + 1)));
    const wide = ndarray(new Float64Array(82 * 43), [82, 43]).step(2, 1);
    for (let y = 0; y < 41; y++) for (let x = 0; x < 43; x++) wide.set(y, x, array.get(y, x));
    expect([array, rows, wide].map((map) => fitGaussian(map))).toEqual([expected, expected, expected]);
    expect(expected.fit?.sigmaX.value).toBeCloseTo(5, 9);
    const turned = fitGaussian(array.transpose(1, 0));
    expect([turned.fit?.sigmaX.value, turned.fit?.centreX.value]).toEqual(
      [expected.fit?.sigmaY.value, expected.fit?.centreY.value].map((value) =>
        expect.closeTo(value ?? NaN, 9),
      ),
    );
  });

  it("reports no Gaussian where there is none, and says why", () => {
    const { fit, warnings } = fitGaussian([
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(fit).toBeNull();
    expect(warnings.map(({ code }) => code)).toContain("ZERO_MASS");
  });

  it("with the blocks of a probe gives the calibration's intervals over photographs", async () => {
    const model = await opened();
    const images = inputs(8);
    const { map, blocks } = await probe(model, images);
    const { calibration } = await calibrate(model, images);
    const { fit } = fitGaussian(map, { blocks });
    expect(fit?.sigmaX).toEqual(calibration.fit?.sigmaX);
    expect(fit?.intervalSource).toBe("photographs");
    expect(fitGaussian(map).fit?.intervalSource).toBe("pixels");
  });
});

describe("calibrate, and a calibration's file", () => {
  it("is probe and fit in one; written and read it is the same", async () => {
    const model = await opened();
    const run = calibrate(model, inputs(8), { model: "isotropic" });
    expect(await collected(run)).toHaveLength(8);
    const { map, calibration } = await run;
    expect(map.data).toEqual((await probe(model, inputs(8))).map.data);
    expect(calibration).toMatchObject({ model: { file: "net.onnx" }, fit: { model: "isotropic" } });
    expect(calibration.provenance.command).toBe("erfit as a library");
    const file = join(folder, "new", "calibration.json");
    await writeCalibration(file, calibration);
    expect(await readCalibration(file)).toEqual(calibration);
  });

  it("takes the images in a random order where it is to stop early", async () => {
    const model = await opened();
    const { calibration } = await calibrate(model, inputs(3), { until: 0.5 });
    expect(calibration.images.shuffled).toBe(0);
    expect(calibration.warnings.map(({ code }) => code)).toContain("TARGET_NOT_REACHED");
  });

  it("what is no calibration is neither read nor written", async () => {
    const file = join(folder, "no-calibration.json");
    writeFileSync(file, `{"format": "other"}`);
    await expect(readCalibration(file)).rejects.toThrow(/not an erfit calibration/);
    await expect(readCalibration(join(folder, "gone.json"))).rejects.toThrow(/cannot be read/);
    const wrong: unknown = { format: "erfit-calibration" };
    await expect(untyped(writeCalibration, [file, wrong])).rejects.toThrow(/not an erfit cal/);
  });
});

describe("maps in files", () => {
  it("written and read are the same", async () => {
    const file = join(folder, "maps", "map.npy");
    const map = ndarray(Float64Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
    await writeMap(file, map.transpose(1, 0));
    const read = await readMap(file);
    expect([read.shape, [...read.data]]).toEqual([
      [3, 2],
      [1, 4, 2, 5, 3, 6],
    ]);
    await expect(readMap(join(folder, "gone.npy"))).rejects.toThrow(/gone\.npy: no such file/);
  });
});

describe("cam", () => {
  it("gives a map of each class of each image by each method, in order", async () => {
    const model = await opened();
    const options = {
      method: ["grad-cam", "extended"],
      sigma: shared,
      classes: [2, "top1"],
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
    expect(one?.upsampler).toBe("gaussian");
    const elsewhere = { calibration, layer: "first" };
    await expect(collected(cam(model, inputs(1), elsewhere))).rejects.toThrow(
      /of layer "last", not of "first"/,
    );
    await expect(
      collected(cam(model, inputs(1), { ...elsewhere, anyCalibration: true })),
    ).resolves.toHaveLength(1);
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

describe("upsample", () => {
  const grid = [
    [0, 1],
    [2, 3],
  ];
  it("is bilinear, or Gaussian where a sigma is given; Eq. 4 by hand", () => {
    expect(upsample(grid, [2, 2]).data).toEqual(Float64Array.of(0, 1, 2, 3));
    const { sigmaX, sigmaY } = shared;
    const value = (x: number, y: number) =>
      [0, 1, 2, 3].reduce((sum, cell) => {
        const [i, j] = [cell % 2, Math.floor(cell / 2)];
        return (
          sum +
          cell * Math.exp(-((x - 4 * i) ** 2) / (2 * sigmaX ** 2) - (y - 3 * j) ** 2 / (2 * sigmaY ** 2))
        );
      }, 0);
    const map = upsample(grid, [6, 8], { sigma: shared });
    expect(map.get(5, 2)).toBeCloseTo(value(2, 5), 12);
    const normalised = upsample(grid, [6, 8], { sigma: shared, kernelSum: "normalised", position: "centre" });
    expect(Math.max(...normalised.data)).toBeLessThan(3);
  });

  it("takes its sigma from a calibration", async () => {
    const calibration = await readCalibration("test/fixtures/calibration/calibration.json");
    const { fit } = calibration;
    if (fit === null) throw new Error("no fit");
    const sigma = { sigmaX: fit.sigmaX.value, sigmaY: fit.sigmaY.value };
    const options = { sigma: calibration, position: "centre" } as const;
    expect(upsample(grid, [20, 20], options)).toEqual(upsample(grid, [20, 20], { ...options, sigma }));
  });
});

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
    const elements = await Promise.all(
      [0, 1, 2].map((index) => gradient(model, x(), { objective: { kind: "element", index } })),
    );
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
        objective: { kind: "cell", cell: [3, 3] },
      }),
      await gradient(model, x(), { target: "last", objective: { kind: "cotangent", weights } }),
    ];
    expect(named.data).toEqual(cell.data);
    cotangent.data.forEach((value, i) => {
      expect(value).toBeCloseTo(cell.data[i] ?? NaN, 6);
    });
  });

  it("is by another tensor: of a global mean, 1 over the number of cells", async () => {
    const model = await opened();
    const objective = { kind: "element", index: 1 } as const;
    const found = await gradient(model, samplePhotograph("cat.jpg"), { objective, wrt: "last" });
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
    const beyond = { kind: "element", index: 3 } as const;
    await expect(gradient(model, x(), { objective: beyond })).rejects.toThrow(/index 3 is outside "logits"/);
    const signal = AbortSignal.abort(new Error("no"));
    await expect(gradient(model, x(), { signal })).rejects.toThrow("no");
  });
});

describe("evaluate", () => {
  it("gives one step a photograph, rows, differences, and the result in words", async () => {
    const model = await opened();
    const run = evaluate(model, inputs(4), {
      methods: ["grad-cam", "extended"],
      controls: ["shuffled"],
      sigma: shared,
    });
    const steps = await collected(run);
    expect(steps.map(({ done, of, problem }) => [done, of, problem])).toEqual(
      [1, 2, 3, 4].map((k) => [k, 4, null]),
    );
    const { evaluation, columns, reading, photographs, skipped } = await run;
    expect(columns.map(({ key }) => key)).toEqual([
      ...["grad-cam", "extended", "extended-shuffled"].flatMap((name) => [
        `${name}.bilinear`,
        `${name}.gaussian`,
      ]),
    ]);
    expect(evaluation.rows).toHaveLength(12);
    expect([photographs.length, skipped]).toEqual([4, []]);
    expect(reading.join(" ")).toContain("masking");
  });

  it("explains the labelled class, by a record of them", async () => {
    const model = await opened();
    const labels = { "x0.npy": 2, "x1.npy": "0" };
    const options = { methods: "grad-cam", controls: [], masking: "full", labels } as const;
    const { photographs } = await evaluate(model, inputs(2), options);
    expect(photographs.map(({ classIndex }) => classIndex)).toEqual([2, 0]);
    await expect(evaluate(model, inputs(3), options)).rejects.toThrow(
      /labels: 1 of 3 images have no class: x2\.npy/,
    );
  });
});

describe("arguments of the wrong kind, as JavaScript lets them pass", () => {
  let model: Model;
  const grid = [[1, 2]];
  const cases: readonly (readonly [string, () => unknown, RegExp])[] = [
    [
      "an option that is none",
      () => untyped(probe, [model, "x", { protcol: "signed" }]),
      /^probe: no option is called "protcol"$/,
    ],
    [
      "a name that is none",
      () => untyped(probe, [model, "x", { protocol: "luo" }]),
      /^probe: option protocol: expected one of "openerf".*; found 'luo'$/,
    ],
    [
      "a cell in words",
      () => untyped(probe, [model, "x", { cell: "3,3" }]),
      /option cell: expected \[row, column\].*found '3,3'$/,
    ],
    [
      "options that are none",
      () => untyped(probe, [model, "x", null]),
      /options must be an object, found null/,
    ],
    [
      "a model that is none",
      () => untyped(calibrate, [{}, "x"]),
      /calibrate: the model must be one that openModel opened/,
    ],
    ["images that are none", () => untyped(cam, [model, 7]), /cam: the images must be a path/],
    [
      "a method that is none",
      () => untyped(cam, [model, "x", { method: ["gradcam"] }]),
      /option method.*expected one of cam, grad-cam, .*'gradcam'/,
    ],
    [
      "a calibration that is none",
      () => untyped(cam, [model, "x", { calibration: "c.json" }]),
      /option calibration: expected a calibration.*found 'c.json'/,
    ],
    ["a share in percent", () => calibrate(model, "x", { until: 1 }), /option until: .*<1; found 1$/],
    [
      "a signal that is none",
      () => untyped(evaluate, [model, "x", { signal: true }]),
      /option signal: expected AbortSignal; found true/,
    ],
    ["a map that is none", () => untyped(fitGaussian, ["erf.npy"]), /fitGaussian: the map: expected a map/],
    [
      "rows of different lengths",
      () => fitGaussian([[1, 2], [3]]),
      /rows of one length; row 0 has 2 numbers, row 1 has 1/,
    ],
    [
      "an array that is too short",
      () => fitGaussian({ shape: [2, 2], data: [1, 2, 3] }),
      /shape \[2, 2\] needs 4 numbers, found 3/,
    ],
    ["elements that are none", () => untyped(fitGaussian, [[["a"]]]), /one of type string/],
    [
      "a vector for a map",
      () => fitGaussian(ndarray([1, 2], [2])),
      /expected a map \[height, width\], found shape \[2\]/,
    ],
    ["a size that is none", () => untyped(upsample, [grid, 32]), /the size must be \[height, width\]/],
    [
      "a Gaussian without a sigma",
      () => upsample(grid, [4, 4], { upsampler: "gaussian" }),
      /upsampler gaussian needs a sigma/,
    ],
    [
      "a sigma that is none",
      () => upsample(grid, [4, 4], { sigma: { sigmaX: -1, sigmaY: 2 } }),
      /option sigma/,
    ],
  ];

  it.each(cases)("%s", async (_, call, words) => {
    model = await opened();
    expect(call).toThrow(ErfitError);
    expect(call).toThrow(words);
  });

  it("a path that is none, an option of opening", async () => {
    await expect(untyped(openModel, [3])).rejects.toThrow(/must be the model's path/);
    await expect(untyped(openModel, [network, { preprocessing: "tim" }])).rejects.toThrow(
      /"timm".*found 'tim'/,
    );
    await expect(untyped(readMap, [7])).rejects.toThrow(/named by its path, found number/);
  });
});

it("the tables name what the options take", () => {
  expect(camMethods.extended).toMatchObject({ title: "Extended-CAM", paper: "Kim et al. 2021, Eq. 8" });
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
