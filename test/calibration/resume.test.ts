import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { calibrate } from "../../src/calibration/calibrate.ts";
import type { Checkpoints } from "../../src/calibration/checkpoints.ts";
import type { ProbeRun } from "../../src/calibration/probe-run.ts";
import type { RunState } from "../../src/calibration/run-state.ts";
import { readState, stateFile } from "../../src/calibration/state-file.ts";
import { random } from "../../src/core/random.ts";
import { smallOnnx } from "../runtime/small-onnx.ts";
import { photographs, truncated } from "./photographs.ts";
import { runOf } from "./small-run.ts";

class Plug extends Error {}

/** Keeps the state as its file, and pulls the plug after some images; the file may be of any image before that. */
function keeping(pullAfter: (images: number) => boolean, saveAfter: (images: number) => boolean) {
  const kept: { file?: Uint8Array } = {};
  let images = 0;
  const save = (state: RunState): Promise<void> => {
    kept.file = stateFile(state);
    return Promise.resolve();
  };
  const checkpoints: Checkpoints = {
    load: () => Promise.resolve(kept.file && readState(kept.file, "kept")),
    async reached(state) {
      images++;
      if (saveAfter(images)) await save(state);
      if (pullAfter(images)) throw new Plug();
    },
    save,
  };
  return { checkpoints, kept };
}

/** Calibrates, and again after each pulled plug, until it is done. */
async function persistently(run: ProbeRun, options: Parameters<typeof calibrate>[1]) {
  for (let plugs = 0; ; plugs++) {
    try {
      return { plugs, ...(await calibrate(run, options)) };
    } catch (thrown) {
      if (!(thrown instanceof Plug)) throw thrown;
    }
  }
}

const withoutTime = ({ calibration, map }: Awaited<ReturnType<typeof calibrate>>) => ({
  ...calibration,
  provenance: null,
  map: [...new BigUint64Array(map.data.buffer)],
});

describe("a run that is interrupted at any moment, again and again, and gone on with", () => {
  it.each([
    ["over all photographs", undefined],
    ["until sigma is narrow enough", 0.5],
  ])("%s gives the bits of one that is not", async (_, until) => {
    const spoilt = (jpeg: Uint8Array, index: number) => (index % 9 === 4 ? truncated(jpeg) : jpeg);
    const run = await runOf(smallOnnx(), { photographs: await photographs(56, spoilt), crops: 2 });
    const whole = await calibrate(run, { until });
    expect(whole.calibration.convergence.length).toBeGreaterThan(2);
    expect(whole.calibration.images.skippedCount).toBeGreaterThan(0);
    for (let seed = 0; seed < 3; seed++) {
      const next = random(seed);
      const { checkpoints } = keeping(
        () => next() < 0.1,
        () => next() < 0.4,
      );
      const { plugs, ...resumed } = await persistently({ ...run, checkpoints }, { until });
      expect(plugs).toBeGreaterThan(2);
      expect(withoutTime(resumed)).toEqual(withoutTime(whole));
    }
  });
});

describe("images that cannot be used any more", () => {
  const always = () => true;
  const never = () => false;

  it("end the run when their folder is gone, and it goes on from there once it is back", async () => {
    const some = await photographs(12);
    const run = await runOf(smallOnnx(), { photographs: some });
    const whole = await calibrate(run);
    const moved = (path: string) => join(dirname(path), "moved", "away.jpg");
    const vanished = some.map((source, k) => (k < 6 ? source : { ...source, path: moved(source.path) }));
    const { checkpoints, kept } = keeping(never, always);
    await expect(calibrate({ ...run, photographs: vanished, checkpoints })).rejects.toMatchObject({
      kind: "failure",
      message: expect.stringMatching(
        /cannot be reached any more, from 6\.jpg on; 6 of 12 were done before/,
      ) as string,
    });
    expect(kept.file && readState(kept.file, "kept").done).toBe(6);
    expect(withoutTime(await calibrate({ ...run, checkpoints }))).toEqual(withoutTime(whole));
  });

  it("end it when there are twenty in a row, and they are tried again", async () => {
    const sound = await photographs(45);
    const spoilt = await photographs(45, truncated);
    const run = await runOf(smallOnnx(), { photographs: sound, crops: 2 });
    const mixed = sound.map((source, k) => (k < 15 ? source : { ...source, path: spoilt[k]?.path ?? "" }));
    const { checkpoints, kept } = keeping(never, always);
    await expect(calibrate({ ...run, photographs: mixed, checkpoints })).rejects.toMatchObject({
      kind: "failure",
      message: expect.stringMatching(/^20 photographs in a row could not be used, from 15\.jpg on/) as string,
    });
    expect(kept.file && readState(kept.file, "kept").done).toBe(30);
    expect(withoutTime(await calibrate({ ...run, checkpoints }))).toEqual(withoutTime(await calibrate(run)));
  });

  it("are the user's mistake where the run begins with them", async () => {
    const run = await runOf(smallOnnx(), { photographs: await photographs(25, truncated) });
    await expect(calibrate(run)).rejects.toMatchObject({
      kind: "input",
      message: expect.stringMatching(/^20 photographs in a row could not be used, from 0\.jpg on/) as string,
    });
  });
});
