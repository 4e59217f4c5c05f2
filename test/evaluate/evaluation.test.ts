import { describe, expect, it } from "vitest";
import { evaluationOf } from "../../src/evaluate/evaluation.ts";
import { column, dropping, evaluated, photographsOf, resampling } from "./made-up.ts";

const [a, b] = [column("grad-cam", "bilinear"), column("extended", "gaussian")];

describe("an evaluation", () => {
  it("is the mean over photographs, by hand", () => {
    const { rows, photographs } = evaluated([
      { column: a, test: "full.black", O: [0.8, 0.4, 0.9, 0.6], kept: 0.25 },
    ]);
    expect(photographs).toBe(4);
    const [row] = rows;
    expect(row?.measures.drop?.value).toBeCloseTo((0 + 50 + 0 + 25) / 4, 12);
    expect(row?.measures.increase?.value).toBe(25);
    expect(row?.measures.gain?.value).toBeCloseTo(50 / 4, 12);
    expect(row?.kept).toBe(0.25);
  });

  it("has an interval around every mean, and the difference's own for pairs of one test", () => {
    const common = dropping(40);
    const less = common.map((O) => O + 0.004);
    const { rows, differences } = evaluated([
      { column: a, test: "full.black", O: common },
      { column: b, test: "full.black", O: less },
      { column: b, test: "relative.black", O: less },
    ]);
    for (const { measures } of rows) {
      const { value = NaN, interval: [low, high] = [NaN, NaN] } = measures.drop ?? {};
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
    }
    const drops = differences.filter(({ measure }) => measure === "drop");
    expect(drops).toHaveLength(1);
    // Each mean is uncertain by half a point; photograph by photograph the two differ by exactly half a point.
    expect(drops[0]).toMatchObject({ a: a.key, b: b.key, test: "full.black", separated: true });
    expect(drops[0]?.interval[0]).toBeCloseTo(0.5, 9);
    expect(drops[0]?.interval[1]).toBeCloseTo(0.5, 9);
  });

  it("does not separate equal rows", () => {
    const { differences } = evaluated([
      { column: a, test: "full.black", O: dropping(30, 60, 1) },
      { column: b, test: "full.black", O: dropping(30, 60, 2) },
    ]);
    expect(differences.find(({ measure }) => measure === "drop")?.separated).toBe(false);
  });

  it("leaves out whom it is not asked for", () => {
    const rows = [a, b].map((one) => ({ column: one, test: "full.black", O: dropping(20) }));
    const found = evaluationOf(photographsOf(rows), new Set([b.key]), "probability", resampling);
    expect(found.rows.map((row) => row.column)).toEqual([b.key]);
    expect(found.differences).toEqual([]);
  });

  it("leaves out photographs whose logit is not above zero", () => {
    const [first, ...others] = photographsOf([{ column: a, test: "full.black", O: [1, 2, 3] }]);
    if (first === undefined) throw new Error("there is one");
    const photographs = [{ ...first, logit: -1 }, ...others];
    const found = evaluationOf(photographs, new Set([a.key]), "logit", resampling);
    expect(found).toMatchObject({ photographs: 2, withoutConfidence: ["0.jpg"] });
    expect(found.rows[0]?.measures).toMatchObject({ drop: { value: 0 }, increase: { value: 50 } });
    expect(found.rows[0]?.measures.gain).toBeUndefined();
  });

  it("has a row for the area under each curve", () => {
    const photographs = photographsOf([{ column: a, test: "full.black", O: [0.5, 0.5] }]).map((one, k) => ({
      ...one,
      curves: [{ column: a.key, test: "insertion" as const, area: 0.2 + 0.2 * k }],
    }));
    const { rows } = evaluationOf(photographs, new Set([a.key]), "probability", resampling);
    expect(rows[1]).toMatchObject({ test: "insertion", kept: null });
    expect(rows[1]?.measures.insertion?.value).toBeCloseTo(0.3, 12);
  });
});
