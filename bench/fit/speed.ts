/**
 * node bench/run.js bench/fit/speed.ts [map.npy ...]: CPU time of erfit's fits beside lmfit's (through OpenERF), in turns in one
 * run. Without maps of your own: simulated ones of 224 and 1024 pixels.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fitMap } from "../../src/fit/fit.ts";
import { fitBlocks, jackknife } from "../../src/fit/jackknife.ts";
import { readMap, writeMap } from "../../src/core/npy.ts";
import type { RealMap } from "../../src/core/tensor.ts";
import { pythonEnvironment, versionsOf } from "../python/environment.ts";
import { run } from "../python/run.ts";
import { blocksOf } from "./photographs.ts";
import { scenarios } from "./scenarios.ts";

const rounds = 5;
const repeats = 5;

/** Blocks of a simulated ERF whose sigmas are a seventh of its side. */
function simulated(side: number, count: number): RealMap[] {
  const sigma = side / 7;
  const model = { side, centerX: 0.48 * side, centerY: 0.51 * side, sigmaX: sigma, sigmaY: 0.9 * sigma };
  return blocksOf(model, scenarios.jittered, { count, blocks: Math.min(20, count), seed: 7 });
}

function sumOf(blocks: readonly RealMap[]): RealMap {
  const [first] = blocks;
  const data = new Float64Array(first?.data.length ?? 0);
  for (const block of blocks)
    for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? 0) + (block.data[i] ?? 0);
  return { shape: first?.shape ?? [0, 0], data };
}

/** CPU milliseconds of this process, garbage collection and all. */
function cpu(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const least = (count: number, work: () => unknown): number =>
  median(Array.from({ length: count }, () => cpu(work)));

interface Times {
  readonly gaussian: number[];
  readonly auto: number[];
  readonly lmfit: number[];
}

async function lmfitTimes(python: string, paths: readonly string[]): Promise<number[]> {
  const output = await run(python, ["bench/fit/lmfit_times.py", ...paths], { purpose: "fitting with lmfit" });
  return output.trim().split("\n").map(Number);
}

async function compare(python: string, maps: ReadonlyMap<string, RealMap>): Promise<void> {
  const times = new Map(
    [...maps.keys()].map((path): [string, Times] => [path, { gaussian: [], auto: [], lmfit: [] }]),
  );
  // A warm engine, as Python's libraries are.
  for (const map of maps.values()) for (let i = 0; i < 12; i++) fitMap(map, { model: "auto" });
  for (let round = 0; round < rounds; round++) {
    for (const [path, map] of maps) {
      times.get(path)?.gaussian.push(least(repeats, () => fitMap(map)));
      times.get(path)?.auto.push(least(repeats, () => fitMap(map, { model: "auto" })));
    }
    const others = await lmfitTimes(python, [...maps.keys()]);
    for (const [i, path] of [...maps.keys()].entries()) times.get(path)?.lmfit.push(others[i] ?? Number.NaN);
  }
  console.log(
    "CPU ms: erfit's Gaussian, all five models, lmfit's Gaussian; lmfit / erfit (least to most over rounds)",
  );
  for (const [path, { gaussian, auto, lmfit }] of times) {
    const ratios = lmfit.map((time, i) => time / (gaussian[i] ?? Number.NaN));
    const spread = `${median(ratios).toFixed(1)} (${Math.min(...ratios).toFixed(1)} to ${Math.max(...ratios).toFixed(1)})`;
    const [one, all, other] = [gaussian, auto, lmfit].map((values) => median(values).toFixed(1).padStart(8));
    console.log(`${basename(path, ".npy").slice(0, 44).padEnd(44)} ${one} ${all} ${other}   ${spread}`);
  }
}

process.env["OMP_NUM_THREADS"] = "1";
const python = await pythonEnvironment();
console.log(`Node ${process.version}; ${await versionsOf(python, ["openerf", "lmfit", "scipy", "numpy"])}`);
const folder = await mkdtemp(join(tmpdir(), "erfit-fit-"));
try {
  const blocks = simulated(224, 40);
  const given = process.argv.slice(2);
  const maps = new Map<string, RealMap>();
  for (const path of given) maps.set(path, readMap(await readFile(path), path));
  if (given.length === 0) {
    for (const [name, map] of [
      ["simulated-224", sumOf(blocks)],
      ["simulated-1024", sumOf(simulated(1024, 4))],
    ] as const) {
      const path = join(folder, `${name}.npy`);
      await writeFile(path, writeMap(map));
      maps.set(path, map);
    }
  }
  await compare(python, maps);
  fitBlocks(blocks);
  const fit = fitMap(sumOf(blocks));
  console.log(`jackknife of 20 blocks of 224 x 224: ${least(9, () => jackknife(blocks, fit)).toFixed(0)} ms`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
