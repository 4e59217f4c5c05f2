import { join } from "node:path";
import { columnKey, needsOther } from "../../cam/columns.ts";
import { noImageUsed } from "../../calibration/probing.ts";
import { scoresRecord } from "../../calibration/record.ts";
import { endIfLost, withFailure, type ConsecutiveFailures } from "../../calibration/consecutive-failures.ts";
import type { ImageSource } from "../../input/listing.ts";
import type { ErfitError } from "../../core/error.ts";
import { inOrder } from "../../io/in-order.ts";
import type { SheetRow } from "../../report/sheet/sheet.ts";
import { filesOf, writeImage, stemsOf, type WritingName, keyOf, kept, sheetRows } from "./files.ts";
import {
  isSkipped,
  journalEntry,
  type ImageRecord,
  type JournalEntry,
  type SkippedRecord,
} from "./record.ts";
import { endingWith, passCounter, type RunReport } from "../passes.ts";
import {
  explainAll,
  passesEach,
  type CamRun,
  type ExplainedImage,
  type SkippedImage,
} from "./explain-all.ts";
import { leaveIfAsked } from "../../io/interruption.ts";
import { digestOf, stampOf } from "../../io/files.ts";
import type { RunStore } from "../../io/run-store.ts";

/** Where the results of a run go, and which of them. */
export interface Destination {
  readonly folder: string;
  readonly kinds: readonly WritingName[];
  /** Rows of the sheet at most; 0 for no sheet. */
  readonly sheetRows: number;
}

export interface FolderOutcome {
  readonly images: readonly ImageRecord[];
  readonly skipped: readonly SkippedRecord[];
  /** The first rows of the sheet, and how many there would be. */
  readonly sheet: { readonly rows: readonly SheetRow[]; readonly of: number };
  /** Images whose results an interrupted run had left. */
  readonly resumed: number;
  /** To be called once everything is written: until then the run can be resumed. */
  readonly finish: () => Promise<void>;
}

/** All that the results depend on. */
const settingsOf = (run: CamRun, { kinds }: Destination) => ({
  model: run.model.sha256,
  layer: run.layer.name,
  grid: [run.layer.grid.height, run.layer.grid.width],
  columns: run.columns.map(columnKey),
  gaussian: run.columns.find(({ upsampling }) => upsampling.by === "gaussian")?.upsampling,
  classes: run.classes,
  classNames: run.model.classNamesFrom,
  score: run.score,
  scores: scoresRecord(run.model),
  normalize: run.normalization,
  options: run.options,
  preprocessing: run.preprocessing,
  write: kinds,
  // Which image is another's partner depends on all of them.
  images: run.columns.some(needsOther) ? digestOf(run.sources.map(keyOf)) : undefined,
});

/** Images whose files are written while the next ones are computed. */
const writesAtOnce = 4;

type Outcome = JournalEntry["outcome"];

/** An image whose files are written. */
interface Finished {
  readonly source: ImageSource;
  readonly entry: JournalEntry;
  readonly rows: readonly SheetRow[];
  readonly thrown: ErfitError | undefined;
}

export const journalPath = (folder: string): string => join(folder, "cam.journal");

/** Explains the images into a folder; what an interrupted run of the same settings has left there is not done again. */
export async function explainFolder(
  run: CamRun,
  destination: Destination,
  store: RunStore,
  report: RunReport,
): Promise<FolderOutcome> {
  const { folder, sheetRows: mostRows } = destination;
  const { sources } = run;
  const stems = stemsOf(sources.map(({ name }) => name));
  const places = new Map(
    sources.map((source, k) => [source, { stem: stems[k] ?? "", onSheet: k < mostRows }]),
  );
  const journal = await store.journal(settingsOf(run, destination), journalEntry);
  const outcomes = await keptOf(places, folder, journal.records);
  const resumed = outcomes.size;
  const todo = sources.filter((source) => !outcomes.has(source));
  const rows: SheetRow[] = [];
  let unexplained: ErfitError | undefined;
  let readable = [...outcomes.values()].filter((outcome) => !isSkipped(outcome)).length;
  let failures: ConsecutiveFailures<{ done: number; views: number }> | null = null;
  const counted = { photographs: sources.length, before: resumed, passesEach: passesEach(run) };
  const { watch, photographDone } = passCounter(counted, report);
  const leave = () => {
    leaveIfAsked(report.interruption, outcomes.size, sources.length, folder);
  };
  for await (const { source, entry, thrown, ...drawn } of inOrder(
    endingWith(leave, explainAll(run, todo, watch)),
    writesAtOnce,
    (image) => finished(image, places.get(image.source), run, destination),
  )) {
    const { outcome } = entry;
    if (isSkipped(outcome) && thrown === undefined) {
      // What could not be read is not recorded: a resumed run tries it again.
      failures = withFailure(failures, source, outcome, { done: readable, views: sources.length });
      await endIfLost(failures, () => Promise.resolve());
    } else {
      failures = null;
      await journal.append(keyOf(source), entry);
    }
    if (!isSkipped(outcome)) readable++;
    outcomes.set(source, outcome);
    unexplained ??= thrown;
    rows.push(...drawn.rows.slice(0, mostRows - rows.length));
    photographDone(outcomes.size, source.name);
    leave();
  }
  const { images, skipped } = sorted(sources, outcomes);
  const [first] = skipped;
  if (images.length === 0 && first !== undefined) {
    await store.finish();
    throw unexplained ?? noImageUsed(sources.length, first);
  }
  await store.sweep(new Set(images.flatMap(filesOf)));
  const of = images.reduce((sum, { classes }) => sum + classes.length, 0);
  return { images, skipped, sheet: { rows, of }, resumed, finish: store.finish };
}

/** What an image's files begin with, and whether the sheet has a row for it. */
interface Place {
  readonly stem: string;
  readonly onSheet: boolean;
}

/** What an interrupted run has made of the images; rows of the sheet are drawn from maps, which no journal has. */
async function keptOf(
  places: ReadonlyMap<ImageSource, Place>,
  folder: string,
  done: ReadonlyMap<string, JournalEntry>,
): Promise<Map<ImageSource, Outcome>> {
  const outcomes = new Map<ImageSource, Outcome>();
  for (const [source, { stem, onSheet }] of places) {
    const outcome = onSheet ? null : await kept(source, stem, folder, done);
    if (outcome !== null) outcomes.set(source, outcome);
  }
  return outcomes;
}

/** Writes the image's files; of its maps nothing is held but what the sheet will show. */
async function finished(
  image: ExplainedImage | SkippedImage,
  { stem, onSheet }: Place = { stem: image.source.name, onSheet: false },
  { classes }: CamRun,
  { folder, kinds }: Destination,
): Promise<Finished> {
  const { source } = image;
  const stamp = await stampOf(source.path).catch(() => ({ bytes: 0, modified: 0 }));
  if ("reason" in image) {
    const { name, reason, thrown } = image;
    return { source, entry: { stem, ...stamp, outcome: { name, reason } }, rows: [], thrown };
  }
  const several = classes.given.length + classes.top > 1;
  const outcome = await writeImage(folder, stem, image, kinds, several);
  const rows = onSheet ? sheetRows(image) : [];
  return { source, entry: { stem, ...stamp, outcome }, rows, thrown: undefined };
}

/** The outcomes in the order of the list. */
function sorted(sources: readonly ImageSource[], outcomes: ReadonlyMap<ImageSource, Outcome>) {
  const all = sources.flatMap((source) => outcomes.get(source) ?? []);
  return {
    images: all.flatMap((outcome) => (isSkipped(outcome) ? [] : [outcome])),
    skipped: all.filter(isSkipped),
  };
}
