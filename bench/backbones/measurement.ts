import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { agreement } from "./agreement.ts";
import { costOf } from "./cost.ts";
import { exported } from "./export.ts";
import { compare, type Quantity } from "./figures.ts";
import { backbones, type BackboneName } from "./models.ts";
import { firstImages, measurePair, type Pair } from "./pair.ts";
import { repeated } from "./photographs.ts";
import type { BackboneRecord } from "./record.ts";
import { workOf } from "./work.ts";

export interface Plan extends Pick<BackboneRecord, "settings" | "conditions"> {
  readonly python: string;
  /** For models, photographs and maps. */
  readonly folder: string;
  readonly say: (line: string) => void;
}

/** All pairs of one backbone, after a first run of each peer that nobody times: it fills the disk cache and is checked. */
export async function measure(name: BackboneName, plan: Plan): Promise<BackboneRecord> {
  const { settings, conditions, python, folder, say } = plan;
  const { title, layer } = backbones[name];
  const backbone = await exported(name, join(folder, "models"), python);
  const images = firstImages + settings.images;
  const photographs = await repeated(settings.photographs, images, join(folder, "photographs"));
  const out = join(folder, "maps", name);
  await mkdir(out, { recursive: true });
  const task = { backbone, photographs, images, threads: settings.threads, out };

  const trial = { ...task, images: firstImages };
  await costOf("erfit", trial, python);
  await costOf("openerf", trial, python);
  const agreed = await agreement(trial);
  const work = await workOf(backbone.onnx, layer);
  say(
    `${title}: the maps correlate by ${agreed.toFixed(6)}; the cone keeps ${share(work.cone / work.whole)}`,
  );

  const pairs: Pair[] = [];
  for (let turn = 0; turn < settings.pairs; turn++) {
    const pair = await measurePair(turn, task, python);
    pairs.push(pair);
    say(`${title}, pair ${turn + 1} of ${settings.pairs}: ${words(pair, settings.images)}`);
  }
  const date = new Date().toISOString().slice(0, 10);
  return { name, date, settings, conditions, agreement: agreed, work, pairs };
}

const share = (part: number): string => `${Math.round(100 * part)} %`;

/** One pair in a line, erfit first. */
function words(pair: Pair, images: number): string {
  const both = (quantity: Quantity, unit: string, digits: number): string => {
    const { erfit, openerf, ratio } = compare(quantity, [pair], images);
    return `${erfit.toFixed(digits)} / ${openerf.toFixed(digits)} ${unit} (${ratio.median.toFixed(2)})`;
  };
  return [
    both("image", "ms an image", 1),
    both("cpu", "ms of CPU", 1),
    both("memory", "MiB", 0),
    both("first", `s to ${firstImages} images`, 2),
  ].join(", ");
}
