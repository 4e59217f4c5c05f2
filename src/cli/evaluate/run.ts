import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { noImageUsed } from "../../calibration/probing.ts";
import { scoresRecord } from "../../calibration/record.ts";
import { refusingStreaks } from "../../calibration/streak.ts";
import { photographSchema, type Photograph } from "../../evaluate/photograph.ts";
import { measureAll, type EvaluationRun, type Skipped } from "../../evaluate/run.ts";
import type { ImageSource } from "../../input/listing.ts";
import { stateOf } from "../cam/files.ts";
import { leaveIfAsked, type Interruption } from "../interruption.ts";
import { openJournal } from "../../io/journal.ts";

/** What was measured, in the order of the images. */
export interface Measured {
  readonly photographs: readonly Photograph[];
  readonly skipped: readonly Skipped[];
  /** Photographs that a stopped run had measured. */
  readonly resumed: number;
  /** To be called once everything is written: until then the run can be gone on with. */
  readonly finish: () => Promise<void>;
}

/** All that a photograph's numbers depend on; partners depend on the whole list. */
async function settingsOf({ network, layer, labels, sources, ...run }: EvaluationRun, model: string) {
  const { preprocessing, score, confidence, design, seed } = run;
  return {
    model,
    layer: layer.name,
    grid: [layer.grid.height, layer.grid.width],
    preprocessing,
    score,
    scores: scoresRecord({ network }),
    confidence,
    design,
    seed,
    labels: labels === null ? null : digestOf([...labels].map(([image, label]) => `${image},${label}`)),
    images: digestOf(await Promise.all(sources.map(stampOf))),
  };
}

/** A photograph that was replaced is another one. */
async function stampOf({ path }: ImageSource): Promise<string> {
  const state = await stateOf(path).catch(() => null);
  return `${resolve(path)} ${state?.bytes ?? "-"} ${state?.modified ?? "-"}`;
}

const digestOf = (texts: readonly string[]): string =>
  createHash("sha256").update(texts.join("\n")).digest("hex");

export const journalPath = (folder: string): string => join(folder, "evaluation.journal");

/** Measures the photographs; what a stopped run of the same settings has measured is not measured again. */
export async function measureFolder(
  run: EvaluationRun,
  model: string,
  { folder, restart }: { readonly folder: string; readonly restart: boolean },
  update: (done: number, total: number, name: string) => void,
  interruption: Interruption,
): Promise<Measured> {
  const path = journalPath(folder);
  const journal = await openJournal<Photograph>(
    path,
    await settingsOf(run, model),
    photographSchema,
    restart,
  );
  try {
    const found = new Map<string, Photograph>(journal.done);
    const resumed = found.size;
    const skipped: Skipped[] = [];
    const byName = new Map(run.sources.map((source) => [source.name, source]));
    const refuseStreak = refusingStreaks(run.sources.length);
    for await (const one of measureAll(run, new Set(found.keys()))) {
      const source = byName.get(one.image);
      const unread = "skipped" in one && !("thrown" in one);
      if (source !== undefined) await refuseStreak(source, unread ? one.skipped : null, found.size);
      if ("skipped" in one) skipped.push(one);
      else {
        await journal.add(one.image, one);
        found.set(one.image, one);
      }
      update(found.size + skipped.length, run.sources.length, one.image);
      leaveIfAsked(interruption, found.size, run.sources.length, folder);
    }
    const photographs = run.sources.flatMap(({ name }) => found.get(name) ?? []);
    const [first] = skipped;
    if (photographs.length === 0 && first !== undefined)
      throw noImageUsed(run.sources.length, { name: first.image, reason: first.skipped });
    return { photographs, skipped, resumed, finish: () => journal.finish() };
  } finally {
    await journal.close();
  }
}
