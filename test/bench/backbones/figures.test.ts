import { describe, expect, it } from "vitest";
import { compare, matmulOf } from "../../../bench/backbones/figures.ts";
import { pairOf } from "./record.ts";

const images = 40;

describe("what a pair of runs says", () => {
  const pairs = [pairOf(50, 200)];

  it("takes the process's start out of the time of an image", () => {
    const { erfit, openerf, ratio } = compare("image", pairs, images);
    expect(erfit).toBeCloseTo(50, 9);
    expect(openerf).toBeCloseTo(200, 9);
    expect(ratio.median).toBeCloseTo(0.25, 9);
  });

  it("leaves the start in the time to the first result", () => {
    const { erfit, openerf } = compare("first", pairs, images);
    expect(erfit).toBeCloseTo(1 + 8 * 0.05, 9);
    expect(openerf).toBeCloseTo(5 + 8 * 0.2, 9);
  });

  it("takes the larger peak of a peer's two runs", () => {
    const [pair = pairOf(1, 1)] = pairs;
    const grown = { ...pair, erfit: { ...pair.erfit, first: { ...pair.erfit.first, peakMiB: 350 } } };
    expect(compare("memory", [grown], images)).toMatchObject({ erfit: 350, openerf: 1000 });
  });
});

describe("several pairs", () => {
  // In the second pair the machine runs at half its speed: its times double, its ratio stays.
  const pairs = [pairOf(50, 200), pairOf(100, 400), pairOf(60, 200)];

  it("gives the median of the pairs' ratios, the least and the most", () => {
    const { erfit, openerf, ratio } = compare("image", pairs, images);
    expect([erfit, openerf]).toEqual([expect.closeTo(60, 9), expect.closeTo(200, 9)]);
    expect(ratio).toEqual({
      median: expect.closeTo(0.25, 9) as number,
      least: expect.closeTo(0.25, 9) as number,
      most: expect.closeTo(0.3, 9) as number,
    });
  });

  it("gives the machine's median rates", () => {
    const slow = { ...pairOf(1, 1), matmul: { oneThread: 50, threads: 90 } };
    expect(matmulOf([...pairs, slow])).toEqual({ oneThread: 100, threads: 200 });
  });
});
