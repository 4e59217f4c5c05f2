import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { random } from "../../src/core/random.ts";
import { encodePng } from "../../src/input/decode.ts";
import yargs from "yargs";

/**
 * Memory of one run over many photographs: the resident set, read from /proc five times a second, of each tenth of the run.
 *
 * node bench/run.js bench/reliability/memory.ts --photographs 5000
 */
const { photographs } = await yargs(process.argv.slice(2))
  .options({ photographs: { type: "number", default: 5000 } })
  .strict()
  .parseAsync();

const folder = await mkdtemp(join(tmpdir(), "erfit-memory-"));
const side = 120;
const next = random(1);
const pixels = Uint8Array.from({ length: side * side * 3 }, () => 256 * next());
await writeFile(join(folder, "photograph.png"), await encodePng(pixels, side, side));
const names = Array.from({ length: photographs - 1 }, (_, k) => `${String(k).padStart(6, "0")}.png`);
for (const name of names) await symlink("photograph.png", join(folder, name));

const words = [
  "test/fixtures/gradients/resnet_tiny/model.onnx",
  folder,
  "--preprocessing",
  "torchvision",
  "--quiet",
];
const child = spawn(
  process.execPath,
  ["bin/erfit.js", "calibrate", ...words, "--threads", "2", "--out", join(folder, "out")],
  {
    stdio: ["ignore", "ignore", "inherit"],
  },
);
const sizes: number[] = [];
const timer = setInterval(() => {
  void readFile(`/proc/${child.pid ?? 0}/status`, "utf8").then(
    (status) => sizes.push(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? NaN) / 1024),
    () => undefined,
  );
}, 200);
const code = await new Promise((resolve) => child.on("exit", resolve));
clearInterval(timer);
await rm(folder, { recursive: true });
if (code !== 0) throw new Error(`the command ended with ${String(code)}`);
const tenths = Array.from({ length: 10 }, (_, k) =>
  Math.max(...sizes.slice(Math.floor((k * sizes.length) / 10), Math.ceil(((k + 1) * sizes.length) / 10))),
);
process.stdout.write(
  `${photographs} photographs: peak MiB of each tenth: ${tenths.map((size) => size.toFixed(0)).join(" ")}\n`,
);
