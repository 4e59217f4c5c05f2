import { dirname, join, resolve } from "node:path";
import { noImageUsed } from "../../calibration/probing.ts";
import { scoresRecord } from "../../calibration/record.ts";
import { endIfLost, withFailure, type ConsecutiveFailures } from "../../calibration/consecutive-failures.ts";
import { photographSchema, type Photograph } from "../../evaluate/photograph.ts";
import { endingWith, passCounter, type RunReport } from "../passes.ts";
import { measureAll, passesEach, type EvaluationRun, type Skipped } from "../../evaluate/run.ts";
import type { ImageSource } from "../../input/listing.ts";
import { leaveIfAsked } from "../../io/interruption.ts";
import { valueOf } from "../../core/required.ts";
import { digestOf, stampOf } from "../../io/files.ts";
import type { RunStore } from "../../io/run-store.ts";

/** What was measured, in the order of the images. */
export interface Measured {
  readonly photographs: readonly Photograph[];
  readonly skipped: readonly Skipped[];
  /** Photographs that an interrupted run had measured. */
  readonly resumed: number;
  /** To be called once everything is written: until then the run can be resumed. */
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
    images: digestOf(await Promise.all(sources.map(identityOf))),
  };
}

/** A photograph that was replaced is another one. */
async function identityOf({ path }: ImageSource): Promise<string> {
  const stamp = await stampOf(path).catch(() => null);
  return `${resolve(path)} ${stamp?.bytes ?? "-"} ${stamp?.modified ?? "-"}`;
}

export const journalPath = (folder: string): string => join(folder, "evaluation.journal");

/** Measures the photographs; what an interrupted run of the same settings has measured is not measured again. */
export async function measureFolder(
  run: EvaluationRun,
  model: string,
  store: RunStore,
  report: RunReport,
): Promise<Measured> {
  const { sources } = run;
  const journal = await store.journal<Photograph>(await settingsOf(run, model), photographSchema);
  const found = new Map<string, Photograph>(journal.records);
  const resumed = found.size;
  const skipped: Skipped[] = [];
  const byName = new Map(sources.map((source) => [source.name, source]));
  let failures: ConsecutiveFailures<{ done: number; views: number }> | null = null;
  const counted = { photographs: sources.length, before: resumed, passesEach: passesEach(run) };
  const { watch, photographDone } = passCounter(counted, report);
  const leave = () => {
    leaveIfAsked(report.interruption, found.size, sources.length, dirname(store.path));
  };
  for await (const one of endingWith(leave, measureAll(run, new Set(found.keys()), watch))) {
    if ("skipped" in one && !("thrown" in one)) {
      const failure = { name: one.image, reason: one.skipped };
      const before = { done: found.size, views: sources.length };
      failures = withFailure(failures, valueOf(byName, one.image), failure, before);
      await endIfLost(failures, () => Promise.resolve());
    } else failures = null;
    if ("skipped" in one) skipped.push(one);
    else {
      await journal.append(one.image, one);
      found.set(one.image, one);
    }
    photographDone(found.size + skipped.length, one.image);
    leave();
  }
  const photographs = sources.flatMap(({ name }) => found.get(name) ?? []);
  const [first] = skipped;
  if (photographs.length === 0 && first !== undefined)
    throw noImageUsed(sources.length, { name: first.image, reason: first.skipped });
  return { photographs, skipped, resumed, finish: store.finish };
}
