import { createHash } from "node:crypto";
import { join } from "node:path";
import { columnKey, needsOther } from "../../cam/columns.ts";
import { noImageUsed } from "../../calibration/probing.ts";
import { scoresRecord } from "../../calibration/record.ts";
import { refusingStreaks } from "../../calibration/streak.ts";
import type { ImageSource } from "../../input/listing.ts";
import type { ErfitError } from "../../core/error.ts";
import { inOrder } from "../../io/in-order.ts";
import type { SheetRow } from "../../report/sheet/sheet.ts";
import { filesOf, removeTorn, stateOf, writeImage } from "./files.ts";
import { stemsOf, type WritingName } from "./names.ts";
import {
  isSkipped,
  journalEntry,
  type ImageRecord,
  type JournalEntry,
  type SkippedRecord,
} from "./record.ts";
import { keyOf, kept } from "./resume.ts";
import { explainAll, type CamRun, type ExplainedImage, type SkippedImage } from "../../api/explain-all.ts";
import { sheetRows } from "./sheet.ts";
import { leaveIfAsked, type Interruption } from "../interruption.ts";
import { openJournal } from "../../io/journal.ts";

/** Where the results of a run go, and which of them. */
export interface Destination {
  readonly folder: string;
  readonly kinds: readonly WritingName[];
  /** Rows of the sheet at most; 0 for no sheet. */
  readonly sheetRows: number;
  /** Forget what a stopped run has left in the folder. */
  readonly restart: boolean;
}

export interface FolderOutcome {
  readonly images: readonly ImageRecord[];
  readonly skipped: readonly SkippedRecord[];
  /** The first rows of the sheet, and how many there would be. */
  readonly sheet: { readonly rows: readonly SheetRow[]; readonly of: number };
  /** Images whose results a stopped run had left. */
  readonly resumed: number;
  /** To be called once everything is written: until then the run can be gone on with. */
  readonly finish: () => Promise<void>;
}

/** All that the results depend on. */
const settingsOf = (run: CamRun, { kinds }: Destination) => ({
  model: run.subject.sha256,
  layer: run.layer.name,
  grid: [run.layer.grid.height, run.layer.grid.width],
  columns: run.columns.map(columnKey),
  gaussian: run.columns.find(({ upsampling }) => upsampling.by === "gaussian")?.upsampling,
  classes: run.classes,
  score: run.score,
  scores: scoresRecord(run.subject),
  normalize: run.normalization,
  options: run.options,
  preprocessing: run.preprocessing,
  write: kinds,
  // Which image is another's partner depends on all of them.
  images: run.columns.some(needsOther) ? digestOf(run.sources.map(keyOf)) : undefined,
});

const digestOf = (texts: readonly string[]): string =>
  createHash("sha256").update(texts.join("\n")).digest("hex");

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

/** Explains the images into a folder; what a stopped run of the same settings has left there is not done again. */
export async function explainFolder(
  run: CamRun,
  destination: Destination,
  update: (done: number, total: number, name: string) => void,
  interruption: Interruption,
): Promise<FolderOutcome> {
  const { folder, sheetRows: mostRows, restart } = destination;
  const { sources } = run;
  const stems = stemsOf(sources.map(({ name }) => name));
  const places = new Map(
    sources.map((source, k) => [source, { stem: stems[k] ?? "", onSheet: k < mostRows }]),
  );
  const journal = await openJournal(journalPath(folder), settingsOf(run, destination), journalEntry, restart);
  try {
    const outcomes = await keptOf(places, folder, journal.done);
    const resumed = outcomes.size;
    const todo = sources.filter((source) => !outcomes.has(source));
    const explained = explainAll(run, todo);
    const rows: SheetRow[] = [];
    let unexplained: ErfitError | undefined;
    let readable = [...outcomes.values()].filter((outcome) => !isSkipped(outcome)).length;
    const refuseStreak = refusingStreaks(sources.length);
    for await (const { source, entry, thrown, ...drawn } of inOrder(explained, writesAtOnce, (image) =>
      finished(image, places.get(image.source), run, destination),
    )) {
      const { outcome } = entry;
      const unread = isSkipped(outcome) && thrown === undefined;
      await refuseStreak(source, unread ? outcome.reason : null, readable);
      // What could not be read is not noted: a run that goes on tries it again.
      if (!unread) await journal.add(keyOf(source), entry);
      if (!isSkipped(outcome)) readable++;
      outcomes.set(source, outcome);
      unexplained ??= thrown;
      rows.push(...drawn.rows.slice(0, mostRows - rows.length));
      update(outcomes.size, sources.length, source.name);
      leaveIfAsked(interruption, outcomes.size, sources.length, folder);
    }
    const { images, skipped } = sorted(sources, outcomes);
    const [first] = skipped;
    if (images.length === 0 && first !== undefined) {
      await journal.finish();
      throw unexplained ?? noImageUsed(sources.length, first);
    }
    if (journal.done.size > 0) await removeTorn(folder, new Set(images.flatMap(filesOf)));
    const of = images.reduce((sum, { classes }) => sum + classes.length, 0);
    return { images, skipped, sheet: { rows, of }, resumed, finish: () => journal.finish() };
  } finally {
    await journal.close();
  }
}

/** What an image's files begin with, and whether the sheet has a row for it. */
interface Place {
  readonly stem: string;
  readonly onSheet: boolean;
}

/** What a stopped run has made of the images; rows of the sheet are drawn from maps, which are in no journal. */
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
  const state = await stateOf(source.path).catch(() => ({ bytes: 0, modified: 0 }));
  if ("reason" in image) {
    const { name, reason, thrown } = image;
    return { source, entry: { stem, ...state, outcome: { name, reason } }, rows: [], thrown };
  }
  const several = classes.given.length + classes.top > 1;
  const outcome = await writeImage(folder, stem, image, kinds, several);
  const rows = onSheet ? sheetRows(image) : [];
  return { source, entry: { stem, ...state, outcome }, rows, thrown: undefined };
}

/** The outcomes in the order of the list. */
function sorted(sources: readonly ImageSource[], outcomes: ReadonlyMap<ImageSource, Outcome>) {
  const all = sources.flatMap((source) => outcomes.get(source) ?? []);
  return {
    images: all.flatMap((outcome) => (isSkipped(outcome) ? [] : [outcome])),
    skipped: all.filter(isSkipped),
  };
}
