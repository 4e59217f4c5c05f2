import { describe, expect, it } from "vitest";
import { calibrate, calibrateMerged, measureShard } from "../../src/calibration/calibrate.ts";
import { merged, type ShardFile } from "../../src/calibration/merge.ts";
import type { ProbeRun } from "../../src/calibration/probe-run.ts";
import type { RunState } from "../../src/calibration/run-state.ts";
import { readState, stateFile } from "../../src/calibration/state-file.ts";
import { shuffled } from "../../src/core/random.ts";
import { shardOf } from "../../src/erf/shard.ts";
import { smallOnnx } from "../runtime/small-onnx.ts";
import { photographs, truncated } from "./photographs.ts";
import { runOf } from "./small-run.ts";

const measuredShard = async (run: ProbeRun, part: number, of: number): Promise<ShardFile> => {
  const path = `${part}-of-${of}`;
  return {
    path,
    state: readState(stateFile(await measureShard({ ...run, shard: shardOf(part, of) })), path),
  };
};

const shardsOf = (run: ProbeRun, of: number): Promise<ShardFile[]> =>
  Promise.all(Array.from({ length: of }, (_, k) => measuredShard(run, k + 1, of)));

const withoutTime = ({ calibration, map }: Awaited<ReturnType<typeof calibrate>>) => ({
  ...calibration,
  provenance: null,
  map: [...new BigUint64Array(map.data.buffer)],
});

describe("shards put together", () => {
  const spoilt = (jpeg: Uint8Array, index: number) => (index % 9 === 4 ? truncated(jpeg) : jpeg);
  const runOver = async (count: number) =>
    runOf(smallOnnx(), { photographs: await photographs(count, spoilt), crops: 2, shuffled: 3 });

  it.each([1, 2, 3, 7, 20])("of %i are the run undivided, bit for bit, in any order", async (of) => {
    const run = await runOver(47);
    const whole = withoutTime(await calibrate(run));
    expect(whole.convergence.length).toBeGreaterThan(2);
    const files = shuffled(await shardsOf(run, of), of);
    expect(withoutTime(calibrateMerged(merged(files)))).toEqual(whole);
  });

  it("of different divisions too, and with another fit", async () => {
    const run = await runOver(47);
    const files = [
      await measuredShard(run, 2, 2),
      ...(await Promise.all([1, 3, 5, 7, 9, 11, 13, 15, 17, 19].map((part) => measuredShard(run, part, 20)))),
    ];
    const model = "rotated";
    expect(withoutTime(calibrateMerged(merged(files), { model }))).toEqual(
      withoutTime(await calibrate(run, { model })),
    );
  });

  it("of few photographs, where some own none", async () => {
    const few = await runOver(3);
    expect(withoutTime(calibrateMerged(merged(await shardsOf(few, 20))))).toEqual(
      withoutTime(await calibrate(few)),
    );
  });
});

describe("shards that do not belong together", () => {
  const halves = async () => {
    const run = await runOf(smallOnnx(), { photographs: await photographs(6) });
    return { run, first: await measuredShard(run, 1, 2), second: await measuredShard(run, 2, 2) };
  };
  const refusal = (files: readonly ShardFile[]): string => {
    try {
      merged(files);
    } catch (thrown) {
      return thrown instanceof Error && "remedy" in thrown
        ? `${thrown.message} — ${String(thrown.remedy)}`
        : "";
    }
    return "none";
  };

  it("are missing: which, and of which shards they are", async () => {
    const { run, first } = await halves();
    expect(refusal([first])).toBe(
      "10 of 20 blocks are missing: 1, 3, 5, 7, 9, 11, 13, 15, 17, 19 — they are of shard: 2/2",
    );
    expect(refusal([first, await measuredShard(run, 2, 4)])).toMatch(
      /3, 7, 11, 15, 19 — they are of shard: 4\/4/,
    );
  });

  it("are there twice", async () => {
    const { run, first, second } = await halves();
    expect(refusal([first, second, second])).toMatch(/^block 1 is in both 2-of-2 and 2-of-2/);
    expect(refusal([first, second, await measuredShard(run, 4, 20)])).toMatch(
      /^block 3 is in both 2-of-2 and 4-of-20/,
    );
  });

  it("are unfinished", async () => {
    const { first, second } = await halves();
    const state: RunState = { ...second.state, done: 1 };
    expect(refusal([first, { ...second, state }])).toMatch(/^2-of-2: unfinished: 1 of its 3 views/);
  });

  it("are of another run: the setting that differs", async () => {
    const { run, first } = await halves();
    const list = [...run.photographs].reverse();
    const other = await runOf(smallOnnx());
    const runs: readonly (readonly [Partial<ProbeRun>, RegExp])[] = [
      [{ protocol: "signed" }, /protocol: signed there, absolute here/],
      [{ crops: 4 }, /crops: 4 there, 1 here$/],
      [{ shuffled: 7 }, /shuffle: 7 there, none here$/],
      [{ photographs: list }, /list of photographs: names of sha256 [0-9a-f]+… there/],
      [{ photographs: list.slice(1) }, /number of photographs: 5 there, 6 here; list of photographs/],
      [{ preprocessing: { ...run.preprocessing, mean: [1, 2, 3] } }, /preprocessing: .*mean \[1,2,3\]/],
      [
        { model: { ...other.model, sha256: "f".repeat(64) } },
        /model: net\.onnx \(sha256 ffffffffffff…\) there/,
      ],
    ];
    for (const [more, words] of runs) {
      const file = await measuredShard({ ...run, ...more }, 2, 2);
      expect(refusal([first, file]).split(" — ")[0]).toMatch(words);
    }
    const elsewhere = { ...run.preprocessing, source: "the command line" };
    expect(refusal([first, await measuredShard({ ...run, preprocessing: elsewhere }, 2, 2)])).toBe("none");
  });
});
