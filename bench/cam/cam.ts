import { loadavg } from "node:os";
import { join } from "node:path";
import yargs from "yargs";
import { wholeNumber } from "../whole-number.ts";
import { ErfitError } from "../../src/core/error.ts";
import { conditionsOf } from "../backbones/conditions.ts";
import { writePage } from "../backbones/results.ts";
import { pythonEnvironment, versionsOf } from "../python/environment.ts";
import { measure } from "./measurement.ts";
import { models, type CamModelName } from "./models.ts";
import { readRecord, writeRecord, type CamRecord } from "./record.ts";
import { page } from "./results.ts";

/** `node bench/run.js bench/cam/cam.ts`: erfit's command line against pytorch-grad-cam on three networks. */

const folder = "bench/.cache/cam";
const names = Object.keys(models) as CamModelName[];
const words = process.argv.slice(2);

const options = await yargs(words)
  .scriptName("node bench/run.js bench/cam/cam.ts")
  .usage("$0 [options]\n\nerfit against pytorch-grad-cam: ms an image, peak memory, time to the first maps")
  .options({
    models: { choices: names, array: true, default: names, describe: "by timm's names" },
    rounds: { type: "number", default: 5, describe: "runs of each peer, in turns" },
    images: { type: "number", describe: "photographs after the first eight [each model's own number]" },
    photographs: { type: "string", default: "photos", describe: "folder of photographs, used in turn" },
    threads: { type: "number", default: 2, describe: "of each peer, and cores that it is held to" },
    resume: { type: "boolean", default: false, describe: "keep what the same command measured before" },
    quick: { type: "boolean", default: false, describe: "one round, a quarter of the images, no page" },
    out: { type: "string", default: "bench/cam/RESULTS.md", describe: "page of results" },
  })
  .requiresArg(["models", "rounds", "images", "photographs", "threads", "out"])
  .strict()
  .parseAsync();

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function recordOf(name: CamModelName, python: string): Promise<CamRecord> {
  const { rounds, images = models[name].images, photographs, threads, quick, resume } = options;
  const settings = {
    rounds: quick ? 1 : wholeNumber("rounds", rounds, 1),
    images: Math.ceil(wholeNumber("images", images, 1) / (quick ? 4 : 1)),
    photographs,
    threads: wholeNumber("threads", threads, 1),
  };
  const { versions, ...conditions } = await conditionsOf(python);
  const library = await versionsOf(python, ["grad-cam"]);
  const plan = {
    settings,
    conditions: { ...conditions, versions: `${versions}, ${library}` },
    python,
    folder,
    say,
  };
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
  const records: CamRecord[] = [];
  for (const name of options.models) records.push(await recordOf(name, python));
  const text = page(records, words);
  if (!options.quick) await writePage(options.out, text);
  process.stdout.write(text);
} catch (thrown) {
  if (!(thrown instanceof ErfitError)) throw thrown;
  say([thrown.message, thrown.remedy].filter((part) => part !== undefined).join("\n"));
  process.exitCode = 1;
}
