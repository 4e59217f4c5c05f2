import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import yargs from "yargs";

/**
 * Whether the map of the bundled photographs has the same bits with 1, 2 and 4 threads, in a second run, and put together
 * from shards. The networks are ONNX files; by default the bundled one.
 *
 * node bench/run.js bench/reliability/bits.ts FILE.onnx...
 */
const { _: given } = await yargs(process.argv.slice(2)).strictOptions().parseAsync();
const networks = given.length > 0 ? given.map(String) : ["models/vgg16-sample.onnx"];
const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), "erfit-bits-"));

const erfit = (...words: readonly string[]) => run(process.execPath, ["bin/erfit.js", ...words, "--quiet"]);
const bitsIn = async (out: string): Promise<string> =>
  createHash("sha256")
    .update(await readFile(join(out, "erf.npy")))
    .digest("hex");

for (const network of networks) {
  const at = (name: string) => join(folder, basename(network), name);
  const maps = new Map<string, string>();
  for (const threads of ["1", "2", "4", "2"]) {
    const out = at(`threads-${threads}-${maps.size}`);
    await erfit("probe", network, "photos", "--shard", "none", "--threads", threads, "--out", out);
    maps.set(out, await bitsIn(out));
  }
  const shards = at("shards");
  for (const [shard, threads] of [
    ["1/7", "1"],
    ["2/7", "2"],
    ["3/7", "1"],
    ["4/7", "2"],
    ["5/7", "4"],
    ["6/7", "1"],
    ["7/7", "2"],
  ] as const)
    await erfit("probe", network, "photos", "--shard", shard, "--threads", threads, "--out", shards);
  await erfit("merge", shards, "--out", at("merged"));
  maps.set("merged", await bitsIn(at("merged")));
  const different = new Set(maps.values()).size;
  process.stdout.write(
    `${basename(network)}: ${different === 1 ? "the same bits" : `${different} different maps`} of ${maps.size} runs\n`,
  );
}
await rm(folder, { recursive: true });
