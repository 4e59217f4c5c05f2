import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import yargs from "yargs";
import { random } from "../../src/core/random.ts";

/**
 * Kills one run with SIGKILL at random moments, again and again, and lets it finish: its map must have the bits of a run
 * that nobody killed, and nothing half-written may be left.
 *
 * node bench/run.js bench/reliability/kills.ts --kills 200
 */
const options = await yargs(process.argv.slice(2))
  .options({
    kills: { type: "number", default: 200 },
    longest: { type: "number", default: 4, describe: "seconds that a process may live" },
    crops: { type: "number", default: 3000, describe: "views of each of the seven photographs" },
    seed: { type: "number", default: 9 },
  })
  .strict()
  .parseAsync();

const folder = await mkdtemp(join(tmpdir(), "erfit-kills-"));
const network = "test/fixtures/gradients/resnet_tiny/model.onnx";

/** Runs the command; killed after `ms`. Whether it came to its end. */
const run = (out: string, ms?: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const words = [
      "calibrate",
      network,
      "photos",
      "--crops",
      String(options.crops),
      "--preprocessing",
      "torchvision",
    ];
    const child = spawn(
      process.execPath,
      ["bin/erfit.js", ...words, "--quiet", "--threads", "2", "--out", out],
      {
        stdio: ["ignore", "ignore", "inherit"],
      },
    );
    const timer = ms === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), ms);
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(true);
      else if (signal === "SIGKILL" && ms !== undefined) resolve(false);
      else reject(new Error(`the command ended with ${code ?? signal ?? "nothing"}`));
    });
  });

const results = async (out: string): Promise<string> => {
  const calibration: unknown = JSON.parse(await readFile(join(out, "calibration.json"), "utf8"));
  const map = await readFile(join(out, "erf.npy"), "base64");
  return JSON.stringify([{ ...(calibration as object), provenance: null }, map]);
};

const began = performance.now();
await run(join(folder, "whole"));
const seconds = (performance.now() - began) / 1000;
const expected = await results(join(folder, "whole"));
const names = await readdir(join(folder, "whole"));

const next = random(options.seed);
let [kills, runs] = [0, 0];
while (kills < options.kills) {
  const out = join(folder, `killed-${runs++}`);
  const before = kills;
  while (!(await run(out, kills < options.kills ? 100 + 1000 * (options.longest - 0.1) * next() : undefined)))
    kills++;
  if ((await results(out)) !== expected)
    throw new Error(`run ${runs}, killed ${kills - before} times, differs`);
  const left = (await readdir(out)).filter((name) => !names.includes(name));
  if (left.length > 0) throw new Error(`run ${runs} left ${left.join(", ")}`);
  process.stdout.write(`run ${runs}: killed ${kills - before} times, and identical\n`);
}
await rm(folder, { recursive: true });
process.stdout.write(
  `${kills} SIGKILLs, ${runs} run(s) of ${seconds.toFixed(0)} s when undisturbed: all maps and calibrations identical\n`,
);
