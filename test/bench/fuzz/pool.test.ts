import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { results, type Result } from "../../../bench/fuzz/pool.ts";
import { scratchFolder } from "../../input/pictures.ts";

/** A child whose inputs, but for 0 and 5, are those that the fuzzer is there to find. */
const child = `
const held = [];
const acts = {
  1: () => process.abort(),
  2: () => { for (;;); },
  3: () => { for (let k = 0; k < 40; k++) held.push(Buffer.alloc(2 ** 23, 1)); setInterval(() => undefined, 1000); },
  4: () => { setInterval(() => undefined, 1000); },
};
process.on("message", (index) => {
  if (acts[index]) acts[index]();
  else process.send({ index, kind: "opened", words: "", milliseconds: 1, memory: 0 });
});
process.send("ready");
`;

it.skipIf(process.platform !== "linux")(
  "sees a process that crashes, hangs, waits or takes too much, and goes on with the other inputs",
  async () => {
    const script = join(await scratchFolder(), "child.mjs");
    writeFileSync(script, child);
    const found: Result[] = [];
    for await (const result of results([0, 1, 2, 3, 4, 5].values(), {
      script,
      childArguments: [],
      processes: 2,
      patience: 400,
      silence: 2500,
      mostMemory: 2 ** 27,
    }))
      found.push(result);
    const kinds = found.sort((a, b) => a.index - b.index).map(({ kind }) => kind);
    expect(kinds).toEqual(["opened", "crash", "hang", "memory", "hang", "opened"]);
  },
);
