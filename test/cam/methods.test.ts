import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { camGrid, camMap, removedShare } from "../../src/cam/cam.ts";
import type { FeatureMap } from "../../src/cam/feature-map.ts";
import { camMethods, type CamMethodName } from "../../src/cam/methods.ts";
import { defaultCamOptions } from "../../src/cam/options.ts";
import { realMap } from "../../src/core/tensor.ts";
import { explained, featureMap, refusalOf } from "./explained.ts";

const cells = async (method: CamMethodName, A: FeatureMap, G: FeatureMap | null): Promise<number[]> => [
  ...(await camGrid(method, explained(A, G))).data,
];
const ofGradient = (Object.keys(camMethods) as CamMethodName[]).filter(
  (name) => camMethods[name].requires === "gradient",
);

describe("by hand: two channels of 1 x 2 cells", () => {
  const A = featureMap(2, 1, 2, [1, 2, 3, 4]);
  const G = featureMap(2, 1, 2, [1, -3, 0.5, 0.5]);

  it("Grad-CAM weighs a channel by its mean gradient", async () => {
    expect(await cells("grad-cam", A, G)).toEqual([-1 + 1.5, -2 + 2]);
  });
  it("Extended-CAM and HiResCAM weigh every element by its own gradient, negative ones too", async () => {
    expect(await cells("extended", A, G)).toEqual([1 + 1.5, -6 + 2]);
    expect(await cells("hirescam", A, G)).toEqual([1 + 1.5, -6 + 2]);
  });
  it("element-wise Grad-CAM drops negative products", async () => {
    expect(await cells("elementwise", A, G)).toEqual([1 + 1.5, 2]);
    expect(await cells("elementwise", featureMap(1, 1, 1, [-2]), featureMap(1, 1, 1, [-3]))).toEqual([6]);
  });
  it("LayerCAM drops negative gradients", async () => {
    expect(await cells("layercam", A, G)).toEqual([1 + 1.5, 2]);
    expect(await cells("layercam", featureMap(1, 1, 1, [-2]), featureMap(1, 1, 1, [3]))).toEqual([-6]);
  });
  it("XGrad-CAM weighs gradients by the channel's activations", async () => {
    const [w0, w1] = [(1 - 6) / 3, (1.5 + 2) / 7];
    const [left = NaN, right = NaN] = await cells("xgrad-cam", A, G);
    expect(left).toBeCloseTo(w0 + 3 * w1, 6);
    expect(right).toBeCloseTo(2 * w0 + 4 * w1, 6);
  });
  it("Grad-CAM++ weighs positive gradients by their pixel weights", async () => {
    const w0 = 1 / (2 + 3);
    const w1 = (2 * 0.125) / (0.5 + 7 * 0.125);
    const [left = NaN, right = NaN] = await cells("grad-cam++", A, G);
    expect(left).toBeCloseTo(w0 + 3 * w1, 5);
    expect(right).toBeCloseTo(2 * w0 + 4 * w1, 5);
  });
  it("Ablation-CAM weighs a channel by the share of the score that goes with it", async () => {
    const asked: number[][] = [];
    const one = explained(featureMap(2, 1, 2, [0, 2, 3, 4]), null, 8, {
      scoresOfFeatures: (features) => {
        for (const { data } of features) asked.push([...data]);
        return Promise.resolve(Float64Array.of(6, 10));
      },
    });
    expect([...(await camGrid("ablation-cam", one)).data]).toEqual([-0.75, 0.5 - 1]);
    expect(asked).toEqual([
      [0, 0, 3, 4],
      [0, 2, 0, 0],
    ]);
  });
  it("ablates far below the least activation where that is not zero, or to zero as the paper", async () => {
    const asked: number[] = [];
    const one = explained(featureMap(1, 1, 1, [-2]), null, 1, {
      scoresOfFeatures: (features) => {
        for (const { data } of features) asked.push(...data);
        return Promise.resolve(Float64Array.of(0));
      },
    });
    await camGrid("ablation-cam", one);
    await camGrid("ablation-cam", one, { ...defaultCamOptions, ablateTo: "zero" });
    expect(asked).toEqual([-2 - 1e7, 0]);
  });
});

describe("Grad-CAM++", () => {
  it("of small gradients is what its epsilon makes of them: none in its paper, 1e-6 in pytorch-grad-cam", async () => {
    const [A, G] = [featureMap(1, 1, 2, [1, 3]), featureMap(1, 1, 2, [1e-4, -1])];
    const drawn = async (plusPlusEpsilon: number) =>
      (await camGrid("grad-cam++", explained(A, G), { ...defaultCamOptions, plusPlusEpsilon })).data[0];
    expect(await drawn(0)).toBeCloseTo(1e-12 / (2e-8 + 4e-12), 12);
    expect(await drawn(1e-6)).toBeCloseTo(1e-12 / (2e-8 + 4e-12 + 1e-6), 12);
    expect(await cells("grad-cam++", A, featureMap(1, 1, 2, [0, 0]))).toEqual([0, 0]);
  });
});

describe("EigenCAM", () => {
  it("of channels that rise and fall together, their common shape", async () => {
    const shape = [1, -1, 3, -3];
    const A = featureMap(2, 2, 2, [...shape.map((v) => 5 + 3 * v), ...shape.map((v) => 4 * v)]);
    (await cells("eigencam", A, null)).forEach((value, cell) => {
      expect(value).toBeCloseTo(5 * (shape[cell] ?? NaN), 10);
    });
  });
  it("is positive where activations are large, or where it is farthest from zero, as asked", async () => {
    const A = featureMap(2, 1, 3, [-4, 2, 2, 0.1, 0, 0]);
    const drawn = async (eigenSign: "activation" | "extreme") =>
      (await camGrid("eigencam", explained(A, null), { ...defaultCamOptions, eigenSign })).data[0];
    expect(await drawn("activation")).toBeLessThan(-3.9);
    expect(await drawn("extreme")).toBeGreaterThan(3.9);
  });
  it("of constant channels is zero", async () => {
    expect(await cells("eigencam", featureMap(2, 1, 3, [1, 1, 1, 5, 5, 5]), null)).toEqual([0, 0, 0]);
  });
  it("explains at least as much of the cells as any other direction", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 24, maxLength: 24 }),
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
        async (values, direction) => {
          const A = featureMap(4, 2, 3, values);
          const length = Math.hypot(...direction);
          fc.pre(length > 0.1);
          const centered = (k: number) => {
            const channel = values.slice(6 * k, 6 * k + 6);
            const mean = channel.reduce((sum, value) => sum + value, 0) / 6;
            return channel.map((value) => value - mean);
          };
          const along = Array.from({ length: 6 }, (_, cell) =>
            direction.reduce((sum, d, k) => sum + (d / length) * (centered(k)[cell] ?? NaN), 0),
          );
          expect(Math.hypot(...(await cells("eigencam", A, null)))).toBeGreaterThanOrEqual(
            Math.hypot(...along) - 1e-9,
          );
        },
      ),
    );
  });
});

const channels = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 });
const steady = (slopes: readonly number[]) =>
  featureMap(
    3,
    2,
    2,
    slopes.flatMap((slope) => [slope, slope, slope, slope]),
  );

it("with a gradient that is constant in each channel Grad-CAM, XGrad-CAM and Extended-CAM have one grid", async () => {
  const A = featureMap(
    3,
    2,
    2,
    Array.from({ length: 12 }, (_, i) => Math.sin(i) ** 2),
  );
  await fc.assert(
    fc.asyncProperty(channels, async (slopes) => {
      const extended = await cells("extended", A, steady(slopes));
      for (const method of ["grad-cam", "xgrad-cam", "hirescam"] as const)
        (await cells(method, A, steady(slopes))).forEach((value, i) => {
          expect(value).toBeCloseTo(extended[i] ?? NaN, 5);
        });
    }),
  );
});

it.each(["grad-cam", "extended", "hirescam"] as const)("%s is linear in the gradient", async (method) => {
  const A = featureMap(3, 1, 2, [1, 2, 0, 4, 5, 6]);
  const gradients = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(gradients, gradients, async (a, b) => {
      const of = (values: number[]) => cells(method, A, featureMap(3, 1, 2, values));
      const sum = await of(a.map((value, i) => value + 2 * (b[i] ?? NaN)));
      const [one, two] = [await of(a), await of(b)];
      sum.forEach((value, i) => {
        expect(value).toBeCloseTo((one[i] ?? NaN) + 2 * (two[i] ?? NaN), 10);
      });
    }),
  );
});

describe("what a map refuses", () => {
  const A = featureMap(1, 1, 2, [1, 2]);
  it.each([
    ["channels", featureMap(2, 1, 2, [1, 2, 3, 4]), /1 x 1 x 2.*2 x 1 x 2/],
    ["height", featureMap(1, 2, 2, [1, 2, 3, 4]), /1 x 1 x 2.*1 x 2 x 2/],
    ["width", featureMap(1, 1, 1, [1]), /1 x 1 x 2.*1 x 1 x 1/],
  ])("a gradient of other %s", async (_, G, words) => {
    expect((await refusalOf(camGrid("extended", explained(A, G)))).message).toMatch(words);
  });
  it.each(ofGradient)("a gradient with NaN, a feature map with infinity: %s", async (method) => {
    const nan = explained(A, featureMap(1, 1, 2, [NaN, 1]));
    expect((await refusalOf(camGrid(method, nan))).message).toMatch(/gradient holds NaN/);
    const infinite = explained(featureMap(1, 1, 2, [1, Infinity]), A);
    expect((await refusalOf(camGrid(method, infinite))).message).toMatch(/feature map holds NaN/);
  });
  it("a grid that overflows", async () => {
    const huge = featureMap(1, 1, 1, [1e200]);
    expect((await refusalOf(camGrid("extended", explained(huge, huge)))).message).toMatch(
      /Extended-CAM.*NaN/,
    );
  });
});

describe("the map", () => {
  const grid = realMap(1, 2, Float64Array.of(2.5, -4));
  const drawn = (rectify: boolean) => [
    ...camMap({ upsampling: { by: "nearest" }, rectify }, grid, [1, 2]).data,
  ];
  it("keeps negative cells, or loses them to the ReLU", () => {
    expect(drawn(false)).toEqual([2.5, -4]);
    expect(drawn(true)).toEqual([2.5, 0]);
  });
  it("is rectified before upsampling: positive cells do not fade into negative ones", () => {
    const { data } = camMap({ upsampling: { by: "bilinear" }, rectify: true }, grid, [1, 4]);
    expect([...data]).toEqual([2.5, 1.875, 0.625, 0]);
  });
  it("a ReLU removes the negative share of the mass", () => {
    expect(removedShare(grid)).toBeCloseTo(4 / 6.5, 12);
    expect(removedShare(realMap(1, 2, Float64Array.of(1, 2)))).toBe(0);
    expect(removedShare(realMap(1, 2, Float64Array.of(-1, -2)))).toBe(1);
    expect(removedShare(realMap(1, 1, Float64Array.of(0)))).toBe(0);
  });
});
