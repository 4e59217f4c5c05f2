import { describe, expect, it } from "vitest";
import { readCalibration, upsample } from "../../src/index.ts";
import { shared } from "./small.ts";

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
    const normalized = upsample(grid, [6, 8], { sigma: shared, normalizeKernel: true, position: "center" });
    expect(Math.max(...normalized.data)).toBeLessThan(3);
  });

  it("takes its sigma from a calibration", async () => {
    const calibration = await readCalibration("test/fixtures/calibration/calibration.json");
    const { fit } = calibration;
    if (fit === null) throw new Error("no fit");
    const sigma = { sigmaX: fit.sigmaX.value, sigmaY: fit.sigmaY.value };
    const options = { sigma: calibration, position: "center" } as const;
    expect(upsample(grid, [20, 20], options)).toEqual(upsample(grid, [20, 20], { ...options, sigma }));
  });
});
