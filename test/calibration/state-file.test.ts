import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { measureShard } from "../../src/calibration/calibrate.ts";
import { readState, stateFile } from "../../src/calibration/state-file.ts";
import { ErfitError } from "../../src/core/error.ts";
import { random } from "../../src/core/random.ts";
import { smallOnnx } from "../runtime/small-onnx.ts";
import { photographs, truncated } from "./photographs.ts";
import { runOf } from "./small-run.ts";

const spoilt = (jpeg: Uint8Array, index: number) => (index === 7 ? truncated(jpeg) : jpeg);

/** A shard's, with looks and a skipped image. */
const stateOf = async () => {
  const run = await runOf(smallOnnx(), { photographs: await photographs(32, spoilt) });
  return measureShard({ ...run, shard: { part: 2, of: 3 } });
};

describe("the file of a run's state", () => {
  it("reads back to the very bits", async () => {
    const state = await stateOf();
    expect([state.looks.length, state.accumulator.blocks[7]?.skipped.count]).toEqual([2, 1]);
    expect(readState(stateFile(state), "x")).toEqual(state);
    // Numbers that text often spoils.
    const block = state.accumulator.blocks[1];
    block?.sum.set([Number.MIN_VALUE, -0, 0.1 + 0.2, Number.MAX_VALUE]);
    const read = readState(stateFile(state), "x").accumulator.blocks[1];
    expect(Object.is(read?.sum[1], -0)).toBe(true);
    expect(read).toEqual(block);
  });

  it("is refused wherever a bit of it is flipped, and wherever it is cut", async () => {
    const file = stateFile(await stateOf());
    const next = random(1);
    for (let attempt = 0; attempt < 200; attempt++) {
      const spoiled = file.slice();
      const at = attempt < 60 ? attempt : Math.floor(next() * file.length);
      spoiled[at] = (spoiled[at] ?? 0) ^ (1 << Math.floor(next() * 8));
      expect(() => readState(spoiled, "x.state")).toThrow(ErfitError);
      expect(() => readState(file.subarray(0, at), "x.state")).toThrow(/^x\.state: /);
    }
  });

  it("with an absurd size, or no header, is refused before anything is allocated", async () => {
    const file = stateFile(await stateOf());
    const [firstLine = "", header = ""] = Buffer.from(file).toString("latin1").split("\n");
    const sums = file.subarray(firstLine.length + header.length + 2, -32);
    const withHeader = (text: string) => {
      const body = Buffer.concat([
        Buffer.from(`erfit-state 2 ${text.length + 1}\n${text}\n`, "latin1"),
        sums,
      ]);
      return Buffer.concat([body, createHash("sha256").update(body).digest()]);
    };
    expect(readState(withHeader(header), "x.state").done).toBeGreaterThan(0);
    const absurd = header.replace(
      /(?<="views":\d+,"size":)\[\d+,\d+\]/,
      "[9007199254740991,9007199254740991]",
    );
    expect(absurd).not.toBe(header);
    expect(() => readState(withHeader(absurd), "x.state")).toThrow("x.state: cut short: it holds fewer sums");
    expect(() => readState(withHeader("{"), "x.state")).toThrow(/^x\.state: not the state of a run/);
  });

  it("is not something else", () => {
    expect(() => readState(new TextEncoder().encode("erfit-state 2 many\n"), "x.state")).toThrow(
      "not the state of a run",
    );
  });
});
