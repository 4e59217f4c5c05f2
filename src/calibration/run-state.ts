import { createHash } from "node:crypto";
import { z } from "zod";
import { keysOf } from "../core/required.ts";
import { emptyAccumulator, type Accumulator } from "../erf/accumulator.ts";
import type { Cancellation } from "../erf/cancellation.ts";
import { blocksOf, type Shard } from "../erf/shard.ts";
import { fitChoices } from "../fit/result.ts";
import type { History, Look } from "./convergence.ts";
import { calibrationSchema, type DeepReadonly } from "./schema.ts";

const { model, layer, protocol, preprocessing, images } = calibrationSchema.shape;

/** What a run measures, with everything that its result depends on: the shards of a run agree in all of it. */
export const runRecordSchema = z.object({
  model,
  layer,
  protocol,
  preprocessing,
  crops: images.shape.cropsPerPhotograph,
  shuffled: images.shape.shuffled,
  photographs: z.int(),
  copies: images.shape.copies,
  views: z.int(),
  list: z.string().describe("SHA-256 of the photographs' names, in order"),
  expectedCenter: z.object({ x: z.number(), y: z.number() }).nullable(),
  following: z
    .object({ model: z.enum(keysOf(fitChoices)), until: z.number().nullable() })
    .nullable()
    .describe("the fit that is looked at on the way; null where there is none, or it is made later"),
  engine: z.string(),
  erfit: z.string(),
});

export type RunRecord = DeepReadonly<z.infer<typeof runRecordSchema>>;

/** The state of a run, or of a shard of it: all that it takes to resume and to merge. */
export interface RunState {
  readonly record: RunRecord;
  /** null: the whole run. */
  readonly shard: Shard | null;
  /** Views that are done, of the run's or shard's own. */
  readonly done: number;
  /** How many views it has. */
  readonly views: number;
  readonly accumulator: Accumulator;
  /** Of each block, the names and contents of the views that could be read; "" before the first. */
  readonly digests: readonly string[];
  /** How far the channels' gradients cancel; null before the first view that could be used. */
  readonly cancellation: Cancellation | null;
  /** The estimates of the fit, where it is followed; null before the first look. */
  readonly history: History | null;
  /** What a shard records instead. */
  readonly looks: readonly Look[];
}

/** Nothing done yet. */
export function unbegun(
  record: RunRecord,
  shard: Shard | null,
  views: number,
  [height, width]: readonly [number, number],
): RunState {
  const accumulator = emptyAccumulator(height, width, shard === null ? {} : { owned: blocksOf(shard) });
  return {
    record,
    shard,
    done: 0,
    views,
    accumulator,
    digests: accumulator.blocks.map(() => ""),
    cancellation: null,
    history: null,
    looks: [],
  };
}

/** The digests with one more view in a photograph's block: a chain, so that it can be resumed. */
export const digested = (digests: readonly string[], photograph: number, view: string): readonly string[] =>
  digests.map((digest, block) =>
    block === photograph % digests.length
      ? createHash("sha256").update(digest).update(view).digest("hex")
      : digest,
  );

/** One digest for all blocks. */
export const imagesDigest = ({ digests }: Pick<RunState, "digests">): string =>
  createHash("sha256").update(digests.join("\n")).digest("hex");

const short = (sha256: string): string => `${sha256.slice(0, 12)}…`;

/** What happens to a photograph, wherever that comes from. */
const steps = ({ preprocessing }: RunRecord): string =>
  Object.entries(preprocessing)
    .filter(([key]) => key !== "source")
    .map(([key, value]) => `${key} ${JSON.stringify(value)}`)
    .sort()
    .join(", ");

interface Setting {
  /** Two runs agree in a setting where this is the same. */
  readonly value: (record: RunRecord) => string;
  /** As messages show it, where that differs. */
  readonly shown?: (record: RunRecord) => string;
}

/** What two runs may differ in. */
const settings: Readonly<Record<string, Setting>> = {
  model: {
    value: ({ model }) => model.sha256,
    shown: ({ model: { file, sha256 } }) => `${file} (sha256 ${short(sha256)})`,
  },
  "input shape": { value: ({ model: { input } }) => input.shape.join() },
  layer: { value: ({ layer }) => layer.name, shown: ({ layer }) => layer.label },
  grid: { value: ({ layer }) => layer.grid.join() },
  cell: { value: ({ layer }) => layer.cell.join() },
  protocol: { value: ({ protocol }) => protocol },
  preprocessing: { value: steps },
  crops: { value: ({ crops }) => String(crops) },
  shuffle: { value: ({ shuffled }) => (shuffled === null ? "none" : String(shuffled)) },
  "number of photographs": { value: ({ photographs }) => String(photographs) },
  "list of photographs": {
    value: ({ list }) => list,
    shown: ({ list }) => `names of sha256 ${short(list)}`,
  },
  "fit that is followed": {
    value: ({ following }) =>
      following === null ? "none" : `${following.model}, until ${following.until ?? "the last photograph"}`,
  },
  engine: { value: ({ engine }) => engine },
  "erfit's version": { value: ({ erfit }) => erfit },
};

/** The settings in which two runs differ: `crops: 8 there, 1 here`. Nothing where they are parts of one run. */
export const differences = (there: RunRecord, here: RunRecord): readonly string[] =>
  Object.entries(settings).flatMap(([setting, { value, shown = value }]) =>
    value(there) === value(here) ? [] : [`${setting}: ${shown(there)} there, ${shown(here)} here`],
  );
