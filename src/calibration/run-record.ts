import { createHash } from "node:crypto";
import { z } from "zod";
import { fitChoices, type FitChoice } from "../fit/options.ts";
import { viewsOf } from "../input/crops.ts";
import { copiesIn } from "../input/duplicates.ts";
import type { ImageSource } from "../input/listing.ts";
import { keysOf } from "../core/required.ts";
import { expectedCenter } from "./expected-center.ts";
import type { ProbeRun } from "./probe-run.ts";
import { erfitVersion } from "../io/version.ts";
import { layerRecord, modelRecord } from "./record.ts";
import { calibrationSchema } from "./schema.ts";

const { model, layer, protocol, preprocessing, images } = calibrationSchema.shape;

/** What a run measures, in every part that its result depends on: parts of one run agree in all of it. */
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

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
export type RunRecord = DeepReadonly<z.infer<typeof runRecordSchema>>;

const listHash = (photographs: readonly ImageSource[]): string =>
  photographs
    .reduce((hash, { kind, name }) => hash.update(`${kind}\0${name}\n`), createHash("sha256"))
    .digest("hex");

const copiesOf = (photographs: readonly ImageSource[]): Pick<RunRecord, "copies"> => {
  const copies = copiesIn(photographs);
  return copies.count === 0 ? {} : { copies };
};

export const runRecord = (
  run: ProbeRun,
  following: { readonly model: FitChoice; readonly until: number | null } | null,
): RunRecord => ({
  model: modelRecord(run.subject),
  layer: layerRecord(run),
  protocol: run.protocol,
  preprocessing: { ...run.preprocessing },
  crops: run.crops,
  shuffled: run.shuffled,
  photographs: run.photographs.length,
  ...copiesOf(run.photographs),
  views: viewsOf(run.photographs, run.crops).length,
  list: listHash(run.photographs),
  expectedCenter: expectedCenter(run),
  following,
  engine: run.subject.network.engine,
  erfit: erfitVersion,
});

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
  /** As it is told, where that is something else. */
  readonly told?: (record: RunRecord) => string;
}

/** What two runs may differ in, in the words of the command line. */
const settings: Readonly<Record<string, Setting>> = {
  model: {
    value: ({ model }) => model.sha256,
    told: ({ model: { file, sha256 } }) => `${file} (sha256 ${short(sha256)})`,
  },
  "input shape": { value: ({ model: { input } }) => input.shape.join() },
  layer: { value: ({ layer }) => layer.name },
  grid: { value: ({ layer }) => layer.grid.join() },
  cell: { value: ({ layer }) => layer.cell.join() },
  protocol: { value: ({ protocol }) => protocol },
  preprocessing: { value: steps },
  crops: { value: ({ crops }) => String(crops) },
  shuffle: { value: ({ shuffled }) => (shuffled === null ? "none" : String(shuffled)) },
  "number of images": { value: ({ photographs }) => String(photographs) },
  "list of images": {
    value: ({ list }) => list,
    told: ({ list }) => `names of sha256 ${short(list)}`,
  },
  "fit that is followed": {
    value: ({ following }) =>
      following === null ? "none" : `${following.model}, until ${following.until ?? "the last image"}`,
  },
  engine: { value: ({ engine }) => engine },
  "erfit's version": { value: ({ erfit }) => erfit },
};

/** The settings in which two runs differ: `crops: 8 there, 1 here`. Nothing where they are parts of one run. */
export const differences = (there: RunRecord, here: RunRecord): readonly string[] =>
  Object.entries(settings).flatMap(([setting, { value, told = value }]) =>
    value(there) === value(here) ? [] : [`${setting}: ${told(there)} there, ${told(here)} here`],
  );
