import { loadavg } from "node:os";
import { join } from "node:path";
import yargs from "yargs";
import { wholeNumber } from "../whole-number.ts";
import { ErfitError } from "../../src/core/error.ts";
import { keysOf } from "../../src/core/required.ts";
import { pythonEnvironment } from "../python/environment.ts";
import { conditionsOf } from "./conditions.ts";
import { measure } from "./measurement.ts";
import { backbones, type BackboneName } from "./models.ts";
import { readRecord, writeRecord, type BackboneRecord } from "./record.ts";
import { page, writePage } from "./results.ts";

/** `npm run bench`: erfit's command line against OpenERF on six networks. */

const folder = "bench/.cache/backbones";
const names = keysOf(backbones);
const words = process.argv.slice(2);

const options = await yargs(words)
  .scriptName("npm run bench --")
  .usage("$0 [options]\n\nerfit against OpenERF: ms an image, peak memory, time to the first result")
  .options({
    models: { choices: names, array: true, default: names, describe: "by timm's names" },
    pairs: { type: "number", default: 5, describe: "runs of each peer, erfit and OpenERF alternating" },
    images: { type: "number", describe: "photographs after the first eight [each model's own number]" },
    photographs: { type: "string", default: "photos", describe: "folder of photographs, used in turn" },
    threads: { type: "number", default: 2, describe: "of each peer, and cores that it is held to" },
    resume: { type: "boolean", default: false, describe: "keep what the same command measured before" },
    quick: { type: "boolean", default: false, describe: "two pairs, a quarter of the images, no page" },
    out: { type: "string", default: "bench/backbones/RESULTS.md", describe: "page of results" },
  })
  .requiresArg(["models", "pairs", "images", "photographs", "threads", "out"])
  .strict()
  .parseAsync();

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function recordOf(name: BackboneName, python: string): Promise<BackboneRecord> {
  const { pairs, images = backbones[name].images, photographs, threads, quick, resume } = options;
  const settings = {
    pairs: Math.min(wholeNumber("pairs", pairs, 1), quick ? 2 : Infinity),
    images: Math.ceil(wholeNumber("images", images, 1) / (quick ? 4 : 1)),
    photographs,
    threads: wholeNumber("threads", threads, 1),
  };
  const plan = { settings, conditions: await conditionsOf(python), python, folder, say };
  const path = join(folder, "records", `${name}.json`);
  const known = resume ? await readRecord(path, plan) : undefined;
  if (known !== undefined) return known;
  const measured = await measure(name, plan);
  await writeRecord(path, measured);
  return measured;
}

const [load = 0] = loadavg();
if (load > 0.5) say(`The machine is busy (load ${load.toFixed(1)}): times will be worth little.`);

try {
  const python = await pythonEnvironment();
  const records: BackboneRecord[] = [];
  for (const name of options.models) records.push(await recordOf(name, python));
  const text = page(records, words);
  if (!options.quick) await writePage(options.out, text);
  process.stdout.write(text);
} catch (thrown) {
  if (!(thrown instanceof ErfitError)) throw thrown;
  say([thrown.message, thrown.remedy].filter((part) => part !== undefined).join("\n"));
  process.exitCode = 1;
}
