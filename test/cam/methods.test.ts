import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { camGrid, camMap, minMaxNormalise } from "../../src/cam/cam.ts";
import { featureMapOf, type FeatureMap } from "../../src/cam/feature-map.ts";
import { camMethods, type CamMethodName } from "../../src/cam/methods.ts";
import { float32 } from "../../src/math/tensor.ts";
import { withoutReference } from "../reference.ts";
import { camCases, goldenMap, goldenTensor, worstShareOfRange } from "./goldens.ts";

const names = Object.keys(camMethods) as CamMethodName[];
const featureMap = (
  channels: number,
  height: number,
  width: number,
  values: readonly number[],
): FeatureMap => ({
  channels,
  height,
  width,
  data: Float64Array.from(values),
});

describe("methods by hand: two channels of 1 x 2 cells", () => {
  const A = featureMap(2, 1, 2, [1, 2, 3, 4]);
  const G = featureMap(2, 1, 2, [1, -3, 0.5, 0.5]);

  it("Grad-CAM weighs a channel by its mean gradient", () => {
    expect([...camGrid("grad-cam", A, G).data]).toEqual([-1 + 1.5, -2 + 2]);
  });
  it("Extended-CAM weighs every element by its own gradient, negative ones too", () => {
    expect([...camGrid("extended", A, G).data]).toEqual([1 + 1.5, -6 + 2]);
  });
  it("Grad-CAM++ weighs positive gradients by their pixel weights", () => {
    const w0 = 1 / (2 + 3);
    const w1 = (2 * 0.125) / (0.5 + 7 * 0.125);
    const [left = NaN, right = NaN] = camGrid("grad-cam++", A, G).data;
    expect(left).toBeCloseTo(w0 + 3 * w1, 5);
    expect(right).toBeCloseTo(2 * w0 + 4 * w1, 5);
  });
  it("keeps negative cells of Extended-CAM, and none of Grad-CAM", () => {
    const map = (method: CamMethodName) => [
      ...camMap(method, camGrid(method, A, G), { by: "nearest" }, [1, 2]).data,
    ];
    expect(map("extended")).toEqual([2.5, -4]);
    const turned = camGrid("grad-cam", A, featureMap(2, 1, 2, [-1, -1, -1, -1]));
    expect([...turned.data]).toEqual([-4, -6]);
    expect([...camMap("grad-cam", turned, { by: "nearest" }, [1, 2]).data]).toEqual([0, 0]);
  });
});

it("with a gradient that is constant in each channel Grad-CAM and Extended-CAM have one grid", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }),
      (slopes) => {
        const A = featureMap(
          3,
          2,
          2,
          Array.from({ length: 12 }, (_, i) => Math.sin(i) ** 2),
        );
        const G = featureMap(
          3,
          2,
          2,
          slopes.flatMap((slope) => [slope, slope, slope, slope]),
        );
        const extended = camGrid("extended", A, G).data;
        camGrid("grad-cam", A, G).data.forEach((value, i) => {
          expect(value).toBeCloseTo(extended[i] ?? NaN, 12);
        });
      },
    ),
  );
});

describe("what a map refuses", () => {
  const A = featureMap(1, 1, 2, [1, 2]);
  it.each([
    ["channels", featureMap(2, 1, 2, [1, 2, 3, 4]), /1 x 1 x 2.*2 x 1 x 2/],
    ["height", featureMap(1, 2, 2, [1, 2, 3, 4]), /1 x 1 x 2.*1 x 2 x 2/],
    ["width", featureMap(1, 1, 1, [1]), /1 x 1 x 2.*1 x 1 x 1/],
  ])("a gradient of other %s", (_, G, words) => {
    expect(() => camGrid("extended", A, G)).toThrow(words);
  });
  it.each(names)("a gradient with NaN: %s", (method) => {
    expect(() => camGrid(method, A, featureMap(1, 1, 2, [NaN, 1]))).toThrow(/NaN/);
  });
  it("a layer that is no feature map, and one of several images", () => {
    expect(() => featureMapOf(float32([1, 4], [1, 2, 3, 4]), "logits")).toThrow(/"logits".*\[1, 4\]/);
    expect(() => featureMapOf(float32([2, 1, 1, 1], [1, 2]), "conv")).toThrow(/\[2, 1, 1, 1\]/);
    expect(featureMapOf(float32([1, 2, 1, 1], [1, 2]), "conv")).toMatchObject({
      channels: 2,
      height: 1,
      width: 1,
    });
  });
});

it("min-max normalisation reaches 0 and 1; a constant map becomes 0", () => {
  const map = { shape: [1, 3], data: Float64Array.of(-2, 0, 2) } as const;
  expect([...minMaxNormalise(map).data]).toEqual([0, 0.5, 1]);
  expect([...minMaxNormalise({ shape: [1, 2], data: Float64Array.of(3, 3) }).data]).toEqual([0, 0]);
});

describe.skipIf(withoutReference("CAM grids of pytorch-grad-cam"))("reference grids", () => {
  const withFeatures = withoutReference("") ? [] : camCases().filter((of) => of.case === 0);

  it.each(withFeatures.flatMap((of) => names.map((method) => ({ ...of, method }))))(
    "$model, $method: grid to 1e-6 of its range",
    ({ method, ...of }) => {
      const A = featureMapOf(goldenTensor(of, "feature_map"), of.model);
      const G = featureMapOf(goldenTensor(of, "gradient"), of.model);
      expect(worstShareOfRange(camGrid(method, A, G), goldenMap(of, `${method}.grid`))).toBeLessThan(1e-6);
    },
  );
});
