import { z } from "zod";
import { calibrationSchema, type Calibration } from "../../calibration/schema.ts";

/** A file in base64, as it was written: the page reads `.npy` and `.png` themselves. */
const file = z.string();

const sigma = z.object({
  value: z.number(),
  interval95: z
    .tuple([z.number(), z.number()])
    .nullable()
    .describe("null where the calibration is not at hand"),
});

const anchor = z.object({ cell: z.number(), center: z.number(), stride: z.number() });

const gaussian = z
  .object({ sigmaX: sigma, sigmaY: sigma, anchor: z.object({ x: anchor, y: anchor }) })
  .describe("what Gaussian upsampling takes from a calibration, with its intervals");

const grid = z.object({
  key: z.string().describe("as in the names of files: the method, and what departs from it"),
  title: z.string(),
  rectify: z.boolean().describe("negative cells become zero before upsampling"),
  map: file.describe("signed grid, .npy"),
});

const image = z.object({
  name: z.string(),
  photograph: file.nullable().describe("what the network saw, .png; null of a ready tensor"),
  classes: z
    .array(
      z.object({
        index: z.int(),
        name: z.string(),
        score: z.number(),
        probability: z.number().nullable(),
        grids: z.array(grid).min(1),
      }),
    )
    .min(1),
});

/** Facts in pairs, as they are shown: a name and its value. */
const facts = z.array(z.tuple([z.string(), z.string()]));

/** Everything that the page shows; it stands in the page as JSON. */
export const pageRecordSchema = z.object({
  title: z.string(),
  made: facts.describe("of the page itself"),
  erf: z
    .object({
      calibration: calibrationSchema,
      map: file.describe("the effective receptive field, .npy"),
    })
    .nullable(),
  cams: z
    .object({
      model: z.string(),
      layer: z.string(),
      size: z.tuple([z.int(), z.int()]).describe("height and width of the network's input"),
      gaussian: gaussian.nullable(),
      warnings: z
        .array(z.object({ code: z.string(), message: z.string() }))
        .describe("what to know before the maps are used"),
      images: z.array(image).min(1),
      settings: facts,
    })
    .nullable(),
});

type Parsed = z.infer<typeof pageRecordSchema>;

/** A calibration with its map. */
export interface ErfRecord {
  readonly calibration: Calibration;
  readonly map: string;
}
export type CamsRecord = NonNullable<Parsed["cams"]>;

export interface PageRecord extends Readonly<Pick<Parsed, "title" | "made" | "cams">> {
  readonly erf: ErfRecord | null;
}
