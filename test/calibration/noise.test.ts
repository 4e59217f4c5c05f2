import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { calibrate, calibrateMerged, measure, measureShard } from "../../src/calibration/calibrate.ts";
import { merged } from "../../src/calibration/merge.ts";
import { readState, stateFile } from "../../src/calibration/state-file.ts";
import { chosenCell, chosenLayer } from "../../src/calibration/loaded-model.ts";
import type { ProbeRun } from "../../src/calibration/probe-run.ts";
import { agreementWarnings } from "../../src/fit/diagnostics.ts";
import { stackedBoxes } from "../runtime/small-onnx.ts";
import { mapOf, mulberry32, normal } from "../fit/maps.ts";
import { photographs } from "./photographs.ts";
import { runOf } from "./small-run.ts";

const model = (name: string): Uint8Array =>
  readFileSync(fileURLToPath(new URL(`../fixtures/fixed-mean/${name}.onnx`, import.meta.url)));

async function runAt(name: string, layer: string, more: Partial<ProbeRun> = {}): Promise<ProbeRun> {
  const run = await runOf(model(name), { photographs: await photographs(6), protocol: "openerf", ...more });
  const chosen = chosenLayer(run.model, layer);
  return { ...run, layer: chosen, geometry: chosenCell(run.model, chosen, { kind: "central" }) };
}

const codesOf = ({ warnings }: { readonly warnings: readonly { readonly code: string }[] }) =>
  warnings.map(({ code }) => code);

describe("a layer whose channels have the same mean for every image", () => {
  it("has no fit and no statistics, and the first warning says why", async () => {
    const { calibration } = await calibrate(await runAt("seg_softmax", "21"));
    expect(calibration.fit).toBeNull();
    expect(calibration.convergence).toEqual([]);
    expect(calibration.shape.moments).toBeNull();
    expect(new Set(calibration.shape.missing.map(({ reason }) => reason))).toEqual(
      new Set(["the map is rounding noise"]),
    );
    expect(codesOf(calibration)[0]).toBe("ROUNDING_NOISE");
    expect(calibration.warnings[0]?.message).toMatch(
      /the mean of the channels of "21" .*Choose a layer before/,
    );
  });

  it("is warned of where the map alone is measured", async () => {
    const { measurement } = await measure(await runAt("seg_softmax", "21"));
    expect(codesOf(measurement)).toEqual(["ROUNDING_NOISE"]);
  });

  it("is refused for the sum of the positive parts too, in the protocol's words", async () => {
    const { calibration } = await calibrate(await runAt("seg_softmax", "21", { protocol: "replknet" }));
    expect(calibration.fit).toBeNull();
    expect(calibration.warnings[0]?.message).toContain("the sum of the positive parts of the channels");
  });

  it("is refused alike by a run in shards, whose states are read back", async () => {
    const states = await Promise.all(
      [1, 2, 3].map(async (part) =>
        measureShard(await runAt("softmax-written", "map", { shard: { part, of: 3 } })),
      ),
    );
    const files = states.map((state, k) => {
      const path = `shard-${k}.state`;
      return { path, state: readState(stateFile(state), path) };
    });
    const whole = await calibrate(await runAt("softmax-written", "map"));
    const together = calibrateMerged(merged(files.toReversed()));
    expect(together.calibration.fit).toBeNull();
    expect(together.calibration.warnings).toEqual(whole.calibration.warnings);
  });

  it("leaves other layers of the network as they are", async () => {
    const { calibration } = await calibrate(await runAt("seg_softmax", "/Resize_output_0"));
    expect(calibration.fit).not.toBeNull();
    expect(codesOf(calibration)).not.toContain("ROUNDING_NOISE");
    expect(codesOf(calibration)).not.toContain("SAME_MAP");
  });
});

describe("photographs that all give the same map", () => {
  it("are warned of: a network without an activation is linear", async () => {
    const { calibration } = await calibrate(await runOf(stackedBoxes(4, 32)));
    expect(calibration.fit).not.toBeNull();
    expect(codesOf(calibration)).toContain("SAME_MAP");
  });

  it.each([
    [1e-5, true],
    [1e-3, true],
    [0.1, false],
  ])("are warned of where branches change them by %s of it: %s", (branch, warned) => {
    const noise = normal(mulberry32(7));
    const blocks = Array.from({ length: 6 }, (_, k) =>
      mapOf(
        40,
        40,
        (x, y) => (k + 1) * Math.exp(-((x - 20) ** 2 + (y - 20) ** 2) / 50) * (1 + branch * noise()),
      ),
    );
    expect(codesOf({ warnings: agreementWarnings(blocks) })).toEqual(warned ? ["SAME_MAP"] : []);
  });

  it("are not where there is one alone", () => {
    expect(agreementWarnings([mapOf(8, 8, (x, y) => x * y)])).toEqual([]);
    expect(agreementWarnings([])).toEqual([]);
  });

  it("are not where the map depends on the photograph", async () => {
    const { calibration } = await calibrate(await runAt("softmax", "/3/Mul_1_output_0"));
    expect(codesOf(calibration)).not.toContain("SAME_MAP");
  });
});
