import { describe, expect, it } from "vitest";
import { latticeWarnings, leastShareOfSpacing, rippleOf, strideWarnings } from "../../src/cam/lattice.ts";
import { upsample, type Gaussian } from "../../src/cam/upsamplers.ts";
import { realMap } from "../../src/core/tensor.ts";

const anchor = { x: { cell: 0, center: 0, stride: 1 }, y: { cell: 0, center: 0, stride: 1 } };
const gaussian = (sigmaX: number, sigmaY = sigmaX, more: Partial<Gaussian> = {}): Gaussian => ({
  by: "gaussian",
  sigmaX,
  sigmaY,
  position: "paper",
  normalize: false,
  anchor,
  ...more,
});

/** Ripple of a map whose cells are all equal, between the middle two cells of one row, as it is drawn. */
function drawnRipple(sigma: number, stride: number): number {
  const cells = 8;
  const { data } = upsample(
    realMap(1, cells, new Float64Array(cells).fill(1)),
    [1, cells * stride],
    gaussian(sigma, 1e9),
  );
  const between = data.slice(3 * stride, 4 * stride + 1);
  return 1 - Math.min(...between) / Math.max(...between);
}

describe("the ripple between equal cells", () => {
  it.each([
    [2.9, 32],
    [8, 32],
    [14, 32],
    [16, 32],
    [5.9, 16],
  ])("of sigma %d at cells %d apart is that of the map that is drawn", (sigma, stride) => {
    expect(rippleOf(sigma, stride)).toBeCloseTo(drawnRipple(sigma, stride), 4);
  });

  it("falls as sigma grows, and ends at 0", () => {
    const ripples = [0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 1, 3].map((sigma) => rippleOf(sigma, 1));
    expect(ripples).toEqual(ripples.toSorted((a, b) => b - a));
    expect(ripples[0]).toBe(1);
    expect(ripples.at(-1)).toBe(0);
  });

  it("crosses a tenth at the share of the spacing that the warning names", () => {
    expect(rippleOf(leastShareOfSpacing, 1)).toBeLessThan(0.1);
    expect(rippleOf(leastShareOfSpacing - 0.01, 1)).toBeGreaterThan(0.1);
  });
});

describe("SIGMA_BELOW_STRIDE", () => {
  const codes = (...of: Parameters<typeof latticeWarnings>) => latticeWarnings(...of).map(({ code }) => code);

  it("names sigma, spacing and ripple of a calibrated Gaussian, and what to do", () => {
    const [warning, ...more] = strideWarnings({ sigmaX: 2.9, sigmaY: 3.1 }, [32, 32]);
    expect(more).toEqual([]);
    expect(warning?.code).toBe("SIGMA_BELOW_STRIDE");
    expect(warning?.message).toMatch(
      /^Sigma_X is 2\.9 px at cells 32 px apart \(ripple 100 %\), sigma_Y is 3\.1 px/,
    );
    expect(warning?.message).toMatch(/bilinear.*smaller stride.*14 px or more/);
    expect(strideWarnings({ sigmaX: 14, sigmaY: 30 }, [32, 32])).toEqual([]);
  });

  it("begins at a ripple of a tenth: at 0.43 of the spacing, on each axis", () => {
    const warned = (sigmaX: number, sigmaY: number) => strideWarnings({ sigmaX, sigmaY }, [100, 100]).length;
    expect([warned(42.9, 50), warned(50, 42.9), warned(43, 43)]).toEqual([1, 1, 0]);
    expect([
      codes([gaussian(13.7)], [7, 7], [224, 224]),
      codes([gaussian(13.8)], [7, 7], [224, 224]),
    ]).toEqual([["SIGMA_BELOW_STRIDE"], []]);
  });

  it("looks at each axis by itself", () => {
    expect(strideWarnings({ sigmaX: 6, sigmaY: 6 }, [8, 32])[0]?.message).toMatch(
      /^Sigma_X is 6 px at cells 32 px apart[^,]*: Gaussian/,
    );
  });

  it("is of maps as they are drawn: by the cells' spacing, whatever was calibrated", () => {
    expect(codes([gaussian(2.9)], [7, 7], [224, 224])).toEqual(["SIGMA_BELOW_STRIDE"]);
    expect(codes([gaussian(2.9)], [112, 112], [224, 224])).toEqual([]);
    const stride = { cell: 3, center: 111, stride: 32 };
    const calibrated = { position: "calibrated", anchor: { x: stride, y: stride } } as const;
    expect(codes([gaussian(2.9, 2.9, calibrated)], [112, 112], [224, 224])).toEqual(["SIGMA_BELOW_STRIDE"]);
  });

  it("is not of bilinear maps, kernels divided by their sum, or a row of one cell", () => {
    expect(codes([{ by: "bilinear" }, gaussian(20)], [7, 7], [224, 224])).toEqual([]);
    expect(codes([gaussian(2.9, 2.9, { normalize: true })], [7, 7], [224, 224])).toEqual([]);
    expect(latticeWarnings([gaussian(2)], [1, 7], [32, 224])[0]?.message).not.toContain("sigma_Y");
  });

  it("is one for all sigmas of a sweep", () => {
    const [warning, ...more] = latticeWarnings(
      [2, 4, 20].map((sigma) => gaussian(sigma)),
      [7, 7],
      [224, 224],
    );
    expect(more).toEqual([]);
    expect(warning?.message).toMatch(/^Sigma_X is 2 px, 4 px at cells 32 px apart/);
  });
});
