import { describe, expect, it } from "vitest";
import { evaluationOf } from "../../src/evaluate/evaluation.ts";
import { defaultResampling } from "../../src/evaluate/bootstrap.ts";
import { withoutReference } from "../reference.ts";
import { evaluatedMethods, referencePhotographs, referenceRows } from "./reference-rows.ts";

type Three = readonly [value: number, low: number, high: number];
type Six = readonly [drop: number, low: number, high: number, increase: number, least: number, most: number];

/** cams/cam-tables.md: Drop and Increase with 95 % intervals, 4000 resamples with NumPy's generator. */
const printed: Readonly<Record<string, Readonly<Record<string, Six>>>> = {
  "full.black": {
    "grad-cam.bilinear": [33.11, 29.5, 37.0, 6.94, 3.5, 11.0],
    "grad-cam.gaussian": [19.26, 16.6, 22.1, 7.51, 3.5, 12.1],
    "grad-cam++.bilinear": [30.63, 27.0, 34.3, 6.36, 2.9, 10.4],
    "grad-cam++.gaussian": [19.46, 16.7, 22.3, 8.09, 4.6, 12.7],
    "extended.bilinear": [34.87, 31.4, 38.6, 8.67, 4.6, 12.7],
    "extended.gaussian": [18.37, 15.8, 21.2, 12.14, 7.5, 17.3],
  },
  "relative.black": {
    "grad-cam.bilinear": [20.52, 16.5, 24.8, 30.06, 23.1, 37.0],
    "grad-cam.gaussian": [22.73, 19.2, 26.5, 18.5, 13.3, 24.3],
    "grad-cam++.bilinear": [25.8, 21.5, 30.1, 23.7, 17.3, 30.1],
    "grad-cam++.gaussian": [26.51, 22.6, 30.5, 13.29, 8.7, 18.5],
    "extended.bilinear": [37.07, 31.9, 42.4, 21.39, 15.6, 27.7],
    "extended.gaussian": [16.72, 13.5, 20.0, 22.54, 16.2, 28.9],
  },
};

/** The same file: Drop of Extended-CAM, Gaussian, less that of the other. */
const differences: Readonly<Record<string, Readonly<Record<string, Three>>>> = {
  "full.black": {
    "grad-cam.bilinear": [-14.7, -17.4, -12.1],
    "grad-cam++.bilinear": [-12.3, -14.8, -9.6],
    "extended.bilinear": [-16.5, -19.7, -13.2],
    "grad-cam.gaussian": [-0.9, -2.1, 0.2],
    "grad-cam++.gaussian": [-1.1, -2.8, 0.6],
  },
  "relative.black": {
    "grad-cam.bilinear": [-3.8, -7.2, -0.6],
    "grad-cam.gaussian": [-6.0, -8.5, -3.7],
    "grad-cam++.bilinear": [-9.1, -12.7, -5.6],
    "grad-cam++.gaussian": [-9.8, -12.5, -7.2],
    "extended.bilinear": [-20.4, -24.7, -16.1],
  },
};

describe.skipIf(withoutReference("the published intervals of PyTorch's confidences"))(
  "the statistics of PyTorch's confidences",
  () => {
    const evaluate = () =>
      evaluationOf(
        referencePhotographs(referenceRows().filter(({ variant }) => variant === "base")),
        new Set(evaluatedMethods.map(({ key }) => key)),
        "probability",
        defaultResampling,
      );

    it("are the published means, and intervals to the resampling's own scatter", () => {
      const { rows, photographs } = evaluate();
      expect(photographs).toBe(173);
      for (const [test, columns] of Object.entries(printed))
        for (const [column, [drop, low, high, increase, least, most]] of Object.entries(columns)) {
          const row = rows.find((one) => one.test === test && one.column === column);
          expect(row?.measures.drop?.value, `${column} ${test}`).toBeCloseTo(drop, 1);
          expect(row?.measures.increase?.value).toBeCloseTo(increase, 1);
          const ends = [...(row?.measures.drop?.interval ?? []), ...(row?.measures.increase?.interval ?? [])];
          for (const [k, end] of [low, high, least, most].entries())
            expect(Math.abs((ends[k] ?? NaN) - end), `${column} ${test}`).toBeLessThan(0.65); // one photograph is 0.58 %
        }
    });

    it("are the published paired differences, and the same ones are separated", () => {
      const found = evaluate().differences.filter(({ measure }) => measure === "drop");
      for (const [test, columns] of Object.entries(differences))
        for (const [column, [value, low, high]] of Object.entries(columns)) {
          const one = found.find(
            (each) => each.test === test && each.a === column && each.b === "extended.gaussian",
          );
          expect(-(one?.value ?? NaN), `${column} ${test}`).toBeCloseTo(value, 0);
          expect(Math.abs(-(one?.interval[1] ?? NaN) - low)).toBeLessThan(0.3);
          expect(Math.abs(-(one?.interval[0] ?? NaN) - high)).toBeLessThan(0.3);
          expect(one?.separated).toBe(low > 0 || high < 0);
        }
    });
  },
);
