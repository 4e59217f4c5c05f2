import { dirname } from "node:path";
import { z } from "zod";
import { spreadOf } from "../../calibration/gaussian.ts";
import type { Estimate } from "../../fit/result.ts";
import { isPicture } from "../../input/decode.ts";
import { ErfitError } from "../../core/error.ts";
import type { CamsRecord, ErfRecord } from "../../report/page/record.ts";
import { readNamed, within } from "../../io/files.ts";
import { base64, mapFile } from "./folder.ts";

/** What the folder of `erfit cam` holds, as the page's record. */

const anchor = z.object({ cell: z.number(), center: z.number(), stride: z.number() });

const gaussianSpread = z.object({
  by: z.literal("gaussian"),
  sigmaX: z.number(),
  sigmaY: z.number(),
  anchor: z.object({ x: anchor, y: anchor }),
});

/** What the report reads of `cam.json`; the names of files are those in its folder. */
const camSummary = z.object({
  format: z.literal("erfit-cam"),
  model: z.object({
    file: z.string(),
    sha256: z.string(),
    input: z.object({ shape: z.array(z.int()), layout: z.enum(["NCHW", "NHWC"]) }),
  }),
  layer: z.object({ name: z.string() }),
  columns: z.array(
    z.object({
      key: z.string(),
      title: z.string(),
      rectify: z.boolean(),
      upsampling: z.union([gaussianSpread, z.object({ by: z.string() })]),
    }),
  ),
  images: z.array(
    z.object({
      image: z.string(),
      photograph: z.string().nullish(),
      classes: z.array(
        z.object({
          classIndex: z.int(),
          class: z.string(),
          score: z.number(),
          probability: z.number().nullable(),
          maps: z.array(z.object({ column: z.string(), files: z.object({ grids: z.string().optional() }) })),
        }),
      ),
    }),
  ),
  score: z.string(),
  calibration: z.string().nullable(),
  provenance: z.record(z.string(), z.string()),
});

type CamSummary = z.infer<typeof camSummary>;
type Image = CamsRecord["images"][number];
type Grid = Image["classes"][number]["grids"][number];

/** The class activation maps that a `cam.json` tells of. */
export async function camsRecord(path: string, erf: ErfRecord | null): Promise<CamsRecord> {
  const summary = await summaryIn(path);
  const beside = (name: string): string => within(dirname(path), name, path);
  const images = await Promise.all(summary.images.map((image) => imageRecord(image, summary, beside)));
  const drawn = images.filter(({ classes }) => classes.length > 0);
  if (drawn.length === 0)
    throw new ErfitError(`${path}: no image there has a grid`, {
      remedy: "draw the maps again with --write grids",
    });
  const { model, layer } = summary;
  return {
    model: model.file,
    layer: layer.name,
    size: sizeOf(model.input),
    gaussian: gaussianOf(summary, erf),
    images: drawn,
    settings: [
      ["model", model.file],
      ["layer", layer.name],
      ["score", summary.score],
      ["calibration", summary.calibration ?? "none"],
      ...Object.entries(summary.provenance),
    ],
  };
}

async function summaryIn(path: string): Promise<CamSummary> {
  const text = new TextDecoder().decode(await readNamed(path, "what `erfit cam` wrote"));
  try {
    return camSummary.parse(JSON.parse(text));
  } catch (thrown) {
    throw new ErfitError(`${path}: not what \`erfit cam\` writes`, {
      remedy: "draw the maps again with this version of erfit",
      cause: thrown,
    });
  }
}

const sizeOf = ({ shape, layout }: CamSummary["model"]["input"]): [number, number] => {
  const [height = 0, width = 0] = layout === "NCHW" ? shape.slice(2) : shape.slice(1);
  return [height, width];
};

async function imageRecord(
  { image, photograph, classes }: CamSummary["images"][number],
  { columns }: CamSummary,
  beside: (name: string) => string,
): Promise<Image> {
  const shown = photograph ? await pictureFile(beside(photograph)) : null;
  const explained = await Promise.all(
    classes.map(async ({ classIndex: index, class: name, score, probability, maps }) => {
      // The grid is the same by every upsampling; a column's key and title end in the upsampling.
      const grids = new Map<string, Promise<Grid>>();
      for (const { column, files } of maps) {
        const key = column.replace(/\.[^.]*$/, "");
        const made = columns.find((candidate) => candidate.key === column);
        if (files.grids === undefined || made === undefined || grids.has(key)) continue;
        const { title, rectify } = made;
        const grid = mapFile(beside(files.grids));
        grids.set(
          key,
          grid.then((map) => ({ key, title: title.replace(/, [^,]*$/, ""), rectify, map })),
        );
      }
      return { index, name, score, probability, grids: await Promise.all(grids.values()) };
    }),
  );
  return {
    name: image,
    photograph: shown,
    classes: explained.filter(({ grids }) => grids.length > 0),
  };
}

/** A picture for the page; another file does not get there under its name. */
async function pictureFile(path: string): Promise<string> {
  const bytes = await readNamed(path, "a photograph");
  if (isPicture(bytes)) return base64(bytes);
  throw new ErfitError(`${path}: no picture`, { remedy: "draw the maps again with --write grids" });
}

/** The Gaussian that the maps were drawn with, else the calibration's; with its intervals where that is of the same layer. */
function gaussianOf({ model, layer, columns }: CamSummary, erf: ErfRecord | null): CamsRecord["gaussian"] {
  const calibration = erf?.calibration;
  const same = calibration?.model.sha256 === model.sha256 && calibration.layer.name === layer.name;
  const fit = (same ? calibration.fit : null) ?? null;
  const drawn = columns.map(({ upsampling }) => upsampling).find((upsampling) => "anchor" in upsampling);
  const spread = drawn ?? (calibration && fit ? spreadOf(fit, calibration.layer, "paper", false) : null);
  if (spread === null) return null;
  const { sigmaX, sigmaY, anchor } = spread;
  return {
    sigmaX: { value: sigmaX, interval95: intervalAround(sigmaX, fit?.sigmaX) },
    sigmaY: { value: sigmaY, interval95: intervalAround(sigmaY, fit?.sigmaY) },
    anchor,
  };
}

/** An estimate's interval, if it is this value that it estimates. */
const intervalAround = (value: number, estimate: Estimate | undefined): [number, number] | null =>
  estimate?.value === value ? [...estimate.interval95] : null;
