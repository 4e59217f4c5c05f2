import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bases, type ParserName } from "./bases.ts";
import { casesOf, type Case } from "./cases.ts";
import { serve } from "./child.ts";
import { results, type Result } from "./pool.ts";

const usage = `node bench/run.js bench/fuzz/fuzz.ts [options]

Opens changed files with every parser of erfit, each in a process that is watched: what is refused has to be refused by a
typed error. The inputs are the same for the same seed; those that fail are written below --failures with their number.

  --count N      inputs (1000)
  --from N       number of the first one (0)
  --seed N       (1)
  --parser NAME  only ${Object.keys(bases).join(", ")}
  --processes N  (1)
  --failures DIR (bench/.cache/fuzz)
  --words        list what the refusals say, and how often`;

/** The bounds. */
const patience = 10_000;
/** A process that waits, or a machine that others use. */
const silence = 60_000;
const mostMemory = 2 ** 30;

const isFailure = ({ kind, memory }: Result): boolean =>
  (kind !== "opened" && kind !== "refused") || memory > mostMemory;

const isParser = (name: string): name is ParserName => Object.hasOwn(bases, name);

async function keep(folder: string, seed: number, result: Result, found: Case): Promise<string> {
  const own = join(folder, `${seed}-${result.index}`);
  await mkdir(own, { recursive: true });
  for (const [name, bytes] of Object.entries(found.files)) {
    await mkdir(dirname(join(own, name)), { recursive: true });
    await writeFile(join(own, name), bytes);
  }
  const { parser, base, mutation, runs } = found;
  await writeFile(
    join(own, "failure.txt"),
    `${JSON.stringify({ seed, parser, base, mutation, runs, ...result }, null, 2)}\n`,
  );
  return own;
}

interface Tally {
  inputs: number;
  opened: number;
  refused: number;
  failed: number;
  slowest: number;
  most: number;
}

const none = (): Tally => ({ inputs: 0, opened: 0, refused: 0, failed: 0, slowest: 0, most: 0 });

const row = (name: string, { inputs, opened, refused, failed, slowest, most }: Tally): string =>
  `| ${name} | ${inputs} | ${opened} | ${refused} | ${failed} | ${(slowest / 1000).toFixed(1)} s | ${(most / 2 ** 20).toFixed(0)} MiB |`;

/** A message without what differs from input to input. */
const gist = (words: string): string =>
  words
    .replace(/^\S+: /, "")
    .replaceAll(/"[^"]*"/g, '"…"')
    .replaceAll(/-?\d[\d.e+]*/g, "#")
    .slice(0, 110);

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      count: { type: "string", default: "1000" },
      from: { type: "string", default: "0" },
      seed: { type: "string", default: "1" },
      parser: { type: "string" },
      processes: { type: "string", default: "1" },
      failures: { type: "string", default: "bench/.cache/fuzz" },
      words: { type: "boolean", default: false },
      child: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return true;
  }
  const seed = Number(values.seed);
  const only = values.parser !== undefined && isParser(values.parser) ? values.parser : undefined;
  if (values.child !== undefined) {
    await serve(seed, only, values.child);
    return new Promise<never>(() => undefined);
  }
  const [first, count] = [Number(values.from), Number(values.count)];
  const caseOf = await casesOf(seed, only);
  const scratch = await mkdtemp(join(tmpdir(), "erfit-fuzz-"));
  const tallies = new Map<string, Tally>();
  const said = new Map<string, number>();
  const indices = Array.from({ length: count }, (_, k) => first + k).values();
  for await (const result of results(indices, {
    script: fileURLToPath(import.meta.url),
    childArguments: [
      "--child",
      scratch,
      "--seed",
      String(seed),
      ...(only === undefined ? [] : ["--parser", only]),
    ],
    processes: Number(values.processes),
    patience,
    silence,
    mostMemory,
  })) {
    const found = caseOf(result.index);
    for (const name of [found.parser, "all"]) {
      const tally = tallies.get(name) ?? none();
      tallies.set(name, tally);
      tally.inputs++;
      if (isFailure(result)) tally.failed++;
      else if (result.kind === "opened") tally.opened++;
      else tally.refused++;
      tally.slowest = Math.max(tally.slowest, result.milliseconds);
      tally.most = Math.max(tally.most, result.memory);
    }
    if (result.kind === "refused") {
      const words = `${found.parser}: ${gist(result.words)}`;
      said.set(words, (said.get(words) ?? 0) + 1);
    }
    if (isFailure(result)) {
      const folder = await keep(values.failures, seed, result, found);
      const memory = (result.memory / 2 ** 20).toFixed(0);
      console.log(
        `${folder}: ${result.kind} of ${found.parser} (${found.base}, ${found.mutation}), ${memory} MiB: ${result.words}`,
      );
    }
  }
  await rm(scratch, { recursive: true, force: true });
  if (values.words)
    for (const [words, times] of [...said].sort((a, b) => b[1] - a[1])) console.log(`${times}  ${words}`);
  console.log("| parser | inputs | opened | refused | failed | slowest | most memory |");
  console.log("| --- | --- | --- | --- | --- | --- | --- |");
  for (const [name, tally] of [...tallies].sort()) console.log(row(name, tally));
  return (tallies.get("all")?.failed ?? 0) === 0;
}

if (!(await main())) process.exitCode = 1;
