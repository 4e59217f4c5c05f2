import { describe, expect, it } from "vitest";
import { shardFrom } from "../../../src/tasks/probe/shard.ts";

const spoken: string[] = [];
const reporter = { info: (text: string) => void spoken.push(text) };
const task = (id: number, min: number, max: number, more: Readonly<Record<string, string>> = {}) => ({
  SLURM_ARRAY_TASK_ID: String(id),
  SLURM_ARRAY_TASK_MIN: String(min),
  SLURM_ARRAY_TASK_MAX: String(max),
  ...more,
});

describe("the option shard", () => {
  it("is part of number, or none", () => {
    expect(shardFrom({ shard: "3/20" }, reporter, {})).toEqual({ part: 3, of: 20 });
    expect(shardFrom({ shard: "none" }, reporter, task(2, 1, 3))).toBeNull();
    expect(shardFrom({ shard: undefined }, reporter, {})).toBeNull();
  });

  it.each([
    ["3", /shard: 3: expected a part and their number, such as 3\/20/],
    ["0/3", /shard 0\/3: expected a part from 1 to 3/],
    ["1/21", /20 blocks/],
    ["-1/3", /expected a part/],
  ])("%s is refused", (shard, words) => {
    expect(() => shardFrom({ shard }, reporter, {})).toThrow(words);
  });

  it.each([
    [task(1, 1, 20), { part: 1, of: 20 }],
    [task(0, 0, 6, { SLURM_ARRAY_TASK_COUNT: "7" }), { part: 1, of: 7 }],
    [task(6, 2, 8, { SLURM_ARRAY_TASK_STEP: "2", SLURM_ARRAY_TASK_COUNT: "4" }), { part: 3, of: 4 }],
  ])("is a Slurm task's place in its array: %o", (environment, shard) => {
    spoken.length = 0;
    expect(shardFrom({ shard: undefined }, reporter, environment)).toEqual(shard);
    expect(spoken).toEqual([expect.stringMatching(`^shard ${shard.part}/${shard.of}, as this task`)]);
  });

  it.each([
    ["gaps", task(7, 1, 7, { SLURM_ARRAY_TASK_COUNT: "3", SLURM_ARRAY_TASK_STEP: "1" }), /has gaps/],
    ["more tasks than blocks", task(1, 1, 100), /20 blocks/],
  ])("cannot be told of an array of %s", (_, environment, words) => {
    expect(() => shardFrom({ shard: undefined }, reporter, environment)).toThrow(words);
  });
});
