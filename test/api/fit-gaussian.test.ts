import ndarray from "ndarray";
import { describe, expect, it } from "vitest";
import { fitMap } from "../../src/fit/fit.ts";
import { surfaceFrom } from "../../src/fit/model.ts";
import { gaussianMap } from "../../src/fit/surface.ts";
import { calibrate, fitGaussian, probe } from "../../src/index.ts";
import { inputs, opened } from "./small.ts";

const round = gaussianMap(
  surfaceFrom({ amplitude: 1, centerX: 20, centerY: 18, sigmaX: 5, sigmaY: 4, rho: 0, background: 0 }),
  [41, 43],
);

describe("fitGaussian", () => {
  it("fits a map as the command does, of any form: ndarray, a view of one, rows", () => {
    const expected = fitMap(round);
    const array = ndarray(round.data, [...round.shape]);
    const rows = Array.from({ length: 41 }, (_, y) => round.data.slice(43 * y, 43 * (y + 1)));
    const wide = ndarray(new Float64Array(82 * 43), [82, 43]).step(2, 1);
    for (let y = 0; y < 41; y++) for (let x = 0; x < 43; x++) wide.set(y, x, array.get(y, x));
    const mapSum = expect.closeTo(
      round.data.reduce((sum, value) => sum + value, 0),
      12,
    ) as number;
    const whole = { ...expected, mapSum };
    expect([array, rows, wide].map((map) => fitGaussian(map))).toEqual([whole, whole, whole]);
    expect(expected.fit?.sigmaX.value).toBeCloseTo(5, 9);
    const turned = fitGaussian(array.transpose(1, 0));
    expect(turned.fit?.sigmaX.value).toBeCloseTo(expected.fit?.sigmaY.value ?? NaN, 9);
    expect(turned.fit?.centerX.value).toBeCloseTo(expected.fit?.centerY.value ?? NaN, 9);
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
