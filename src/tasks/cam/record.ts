import { z } from "zod";
import { columnKey, columnTitle } from "../../cam/columns.ts";
import { gridRecord, modelRecord, scoresRecord } from "../../calibration/record.ts";
import type { CamRun } from "./explain-all.ts";

/** One map of one class of one image. */
const mapRecord = z.object({
  column: z.string(),
  /** Share of the grid's absolute mass that is negative: what a ReLU removes, or would remove. */
  removedShare: z.number(),
  /** Whether nothing is left of it behind its ReLU. */
  empty: z.boolean(),
  /** Names in the results' folder, by kind. */
  files: z.object({ maps: z.string(), grids: z.string(), overlays: z.string() }).partial(),
});

const classRecord = z.object({
  classIndex: z.int(),
  class: z.string(),
  /** Its logit: before any softmax or sigmoid. */
  score: z.number(),
  /** Null where the scores have none. */
  probability: z.number().nullable(),
  /** Whether the gradient is one number a channel, and Extended-CAM little else than Grad-CAM; null without Extended-CAM. */
  evenGradient: z.boolean().nullable(),
  maps: z.array(mapRecord),
});

const imageRecord = z.object({
  image: z.string(),
  /** Name of the file that holds what the network saw of it; null for a ready tensor, or without grids. */
  photograph: z.string().nullable(),
  classes: z.array(classRecord),
});
const skippedRecord = z.object({ name: z.string(), reason: z.string() });

export type ImageRecord = z.infer<typeof imageRecord>;
export type ClassRecord = z.infer<typeof classRecord>;
export type SkippedRecord = z.infer<typeof skippedRecord>;

/** What a folder's journal keeps of an image: whether it is still the same file, and what came of it. */
export const journalEntry = z.object({
  stem: z.string(),
  bytes: z.number(),
  modified: z.number(),
  outcome: z.union([imageRecord, skippedRecord]),
});

export type JournalEntry = z.infer<typeof journalEntry>;

export const isSkipped = (outcome: ImageRecord | SkippedRecord): outcome is SkippedRecord =>
  "reason" in outcome;

/** How the maps were made, for cam.json. */
export const camRecord = ({
  model,
  layer,
  columns,
  classes,
  score,
  normalization,
  options,
  preprocessing,
  warnings,
}: CamRun) => ({
  format: "erfit-cam",
  version: 1,
  model: modelRecord(model),
  layer: gridRecord(layer),
  columns: columns.map((column) => ({ key: columnKey(column), title: columnTitle(column), ...column })),
  classes,
  classNames: model.classNamesFrom,
  score,
  scores: scoresRecord(model),
  normalize: normalization,
  options,
  preprocessing,
  warnings,
});
