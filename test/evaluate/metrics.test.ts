import { describe, expect, it } from "vitest";
import { metrics, metricsOf } from "../../src/evaluate/metrics.ts";

/** Worked out by hand from the definitions: Y before masking, O behind it. */
const cases = [
  { Y: 0.8, O: 0.6, drop: 25, increase: 0, gain: 0 },
  { Y: 0.5, O: 0.75, drop: 0, increase: 100, gain: 50 },
  { Y: 0.4, O: 0.4, drop: 0, increase: 0, gain: 0 },
  { Y: 0.2, O: 0, drop: 100, increase: 0, gain: 0 },
  { Y: 1, O: 1, drop: 0, increase: 0, gain: 0 },
];

describe("what one photograph brings", () => {
  it.each(cases)("Y $Y, O $O", ({ Y, O, ...expected }) => {
    const { drop, increase, gain } = metrics;
    const confidences = { whole: Y, masked: O };
    expect(drop.term(confidences)).toBeCloseTo(expected.drop, 12);
    expect(increase.term(confidences)).toBe(expected.increase);
    expect(gain.term(confidences)).toBeCloseTo(expected.gain, 12);
  });

  it("has no gain of a logit, which has no upper end", () => {
    expect(metricsOf("probability")).toEqual(["drop", "increase", "gain"]);
    expect(metricsOf("logit")).toEqual(["drop", "increase"]);
  });
});
