import { describe, expect, it } from "vitest";
import { answersOf } from "../../src/evaluate/sigma-claims.ts";
import { sigmaSweepOf, type SweepPoint } from "../../src/evaluate/sigma-sweep.ts";
import type { Photograph } from "../../src/evaluate/photograph.ts";
import { sigmaSweepFigure } from "../../src/report/evaluation/sigma-sweep-figure.ts";
import { column, dropping, photographsOf, resampling } from "./made-up.ts";

const gradCam = column("grad-cam", "bilinear");
const extended = column("extended", "gaussian");
const at = (sigma: number, calibrated = false): SweepPoint & { of: typeof extended } => {
  const of = calibrated ? extended : { ...extended, key: `extended.gaussian-sigma-${sigma}` };
  return { column: of.key, sigmaX: sigma, sigmaY: sigma, calibrated, of };
};
const points = [at(10), at(20), at(32, true), at(60)];

/** A sweep with these Drops, this Drop of Grad-CAM, and these correlations with it. */
function swept(drops: readonly number[], gradCamDrop: number, correlations: readonly number[]) {
  const rows = [
    { column: gradCam, test: "relative.black", O: dropping(gradCamDrop) },
    ...points.map(({ of }, k) => ({
      column: of,
      test: "relative.black",
      O: dropping(drops[k] ?? NaN, 60, 9 * k),
    })),
  ];
  const photographs = photographsOf(rows).map((one, photograph): Photograph => ({
    ...one,
    likeness: points.map(({ of }, k) => ({
      column: of.key,
      correlation: (correlations[k] ?? NaN) + 0.01 * Math.sin(photograph + k),
    })),
  }));
  const sweep = sigmaSweepOf(photographs, points, gradCam.key, "probability", resampling);
  if (sweep === null) throw new Error("there are photographs");
  return sweep;
}

const verdicts = (...of: Parameters<typeof swept>) => answersOf(swept(...of)).map(({ verdict }) => verdict);

describe("a sweep", () => {
  const sweep = swept([40, 30, 20, 35], 30.1, [0.5, 0.9, 0.8, 0.6]);

  it("finds the width with the lowest Drop, and how sure that is", () => {
    const [test] = sweep.tests;
    expect(test?.best).toMatchObject({ point: { sigmaX: 32 }, widths: [32, 32] });
    expect(test?.drops.map(({ value }) => Math.round(value))).toEqual([40, 30, 20, 35]);
    expect(test?.calibratedLessBest).toBeNull();
  });

  it("finds the width whose maps are most like Grad-CAM's", () => {
    expect(sweep.likeness.best.point.sigmaX).toBe(20);
    expect(sweep.likeness.correlations[1]?.value).toBeCloseTo(0.9, 2);
  });

  it("is drawn with the calibrated width and 20 px marked", () => {
    const { svg } = sigmaSweepFigure("net.onnx, last", sweep);
    expect(svg).toMatch(/^<svg /);
    expect(svg).toContain('aria-description="calibrated"');
    expect(svg).toContain('aria-description="20 px"');
    expect(svg).not.toContain("NaN");
  });
});

describe("the answers to the paper's two claims", () => {
  it("are yes where the calibrated width is surely lowest and 20 px surely nearest", () => {
    expect(verdicts([40, 30, 20, 35], 30.1, [0.5, 0.9, 0.8, 0.6])).toEqual([
      "supported",
      "supported",
      "supported",
    ]);
  });

  it("are open where another width is as good", () => {
    expect(verdicts([40, 30, 20.1, 20], 30.1, [0.5, 0.9, 0.9, 0.6]).slice(0, 1)).toEqual(["not refuted"]);
    expect(verdicts([40, 30.2, 20, 30.1], 30.1, [0.5, 0.9, 0.8, 0.6])[2]).toMatch(/supported|not refuted/);
  });

  it("are no where another width is better by more than chance", () => {
    expect(verdicts([40, 15, 20, 35], 30, [0.5, 0.7, 0.9, 0.6])).toEqual(["refuted", "refuted", "refuted"]);
  });

  it("rest on numbers that they tell", () => {
    const [best, maps, drop] = answersOf(swept([40, 15, 20, 35], 30, [0.5, 0.7, 0.9, 0.6]));
    expect(best?.words).toMatch(
      /^relative\.black: the lowest Drop is at 20\.0 px \(95 % .+\); the calibrated one drops [45]\.\d points more \[/,
    );
    expect(maps?.words).toMatch(
      /at 20 px the correlation .+ is 0\.7\d\d \[.+; the highest is 0\.9\d\d \[.+\] at 32\.0 px/,
    );
    expect(drop?.words).toMatch(/differs from that of Grad-CAM, bilinear, by -1[45]\.\d points/);
  });
});
