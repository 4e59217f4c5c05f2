import { dirname, join } from "node:path";
import { z } from "zod";
import { spreadOf } from "../calibration/gaussian.ts";
import {
  differencesFrom,
  otherPreprocessingCode,
  type PreprocessingDifferences,
} from "../calibration/preprocessing-match.ts";
import { readCalibration } from "../calibration/read.ts";
import { provenance } from "../calibration/record.ts";
import { ErfitError, optionText } from "../core/error.ts";
import { readMap } from "../core/npy.ts";
import type { Estimate, Warning } from "../fit/result.ts";
import { isPicture } from "../input/decode.ts";
import { recordedPreprocessing } from "../input/preprocessing.ts";
import { isThere, readNamed, within } from "../io/files.ts";
import { readBuiltPage, reportPage } from "../report/page/page.ts";
import type { CamsRecord, ErfRecord, PageRecord } from "../report/page/record.ts";

/** What the folders of `erfit calibrate` and `erfit cam` hold, as the page's records. */

interface ReportFiles {
  /** Path of the calibration.json; null where there is none. */
  readonly calibration: string | null;
  /** Path of the cam.json; null where there is none. */
  readonly cams: string | null;
}

/** @throws {ErfitError} where a folder holds neither file, or two folders hold the same */
async function reportFiles(folders: readonly string[]): Promise<ReportFiles> {
  const holders = async (file: string) => {
    const paths = folders.map((folder) => join(folder, file));
    const there = await Promise.all(paths.map(isThere));
    return paths.filter((_, place) => there[place]);
  };
  const [calibrations, cams] = [await holders("calibration.json"), await holders("cam.json")];
  const held = new Set([...calibrations, ...cams].map(dirname));
  for (const folder of folders)
    if (!held.has(dirname(join(folder, "cam.json"))))
      throw new ErfitError(`${folder}: neither calibration.json nor cam.json is there`, {
        remedy: "name the folder that `erfit calibrate` or `erfit cam` wrote",
      });
  return { calibration: only(calibrations), cams: only(cams) };
}

function only(paths: readonly string[]): string | null {
  const [path = null, second] = [...new Set(paths)];
  if (second !== undefined)
    throw new ErfitError(`${path ?? ""} and ${second}: a page shows one of them`, {
      remedy: "make a page for each; `erfit compare` puts calibrations beside each other",
    });
  return path;
}

/** The calibration, with the map that lies beside it. */
export async function erfRecord(path: string): Promise<ErfRecord> {
  const calibration = await readCalibration(path);
  return { calibration, map: await mapFile(join(dirname(path), "erf.npy")) };
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

/** A map that the page can read, checked here: in the page there is nobody to complain to. */
async function mapFile(path: string): Promise<string> {
  const bytes = await readNamed(path, "a map as a .npy file");
  readMap(bytes, path);
  return base64(bytes);
}

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
  layer: z.object({ label: z.string(), name: z.string() }),
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
  preprocessing: z.unknown().optional(),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })).default([]),
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
    throw new ErfitError(`${path}: no photograph there has a grid`, {
      remedy: `draw the maps again with ${optionText("write", "grids")}`,
    });
  const { model, layer } = summary;
  return {
    model: model.file,
    layer: layer.label,
    size: sizeOf(model.input),
    gaussian: gaussianOf(summary, erf),
    warnings: [...summary.warnings, ...otherPreprocessing(summary, erf)],
    images: drawn,
    settings: [
      ["model", model.file],
      ["layer", layer.label === layer.name ? layer.name : `${layer.label} (tensor ${layer.name})`],
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
  throw new ErfitError(`${path}: no picture`, {
    remedy: `draw the maps again with ${optionText("write", "grids")}`,
  });
}

/** Whether the page's calibration is of the maps' model and layer. */
const isOfMaps = ({ model, layer }: CamSummary, { calibration }: ErfRecord): boolean =>
  calibration.model.sha256 === model.sha256 && calibration.layer.name === layer.name;

/** How the maps' photographs were preprocessed differently from the calibration's; nothing where either is not recorded. */
function preprocessingOf(
  { preprocessing }: CamSummary,
  { calibration }: ErfRecord,
): PreprocessingDifferences {
  const here = recordedPreprocessing(preprocessing);
  return (here && differencesFrom(calibration, here)) ?? { blocking: [], minor: [] };
}

/** A warning, where the page shows maps beside a calibration of other preprocessing. */
function otherPreprocessing(summary: CamSummary, erf: ErfRecord | null): CamsRecord["warnings"] {
  if (erf === null || !isOfMaps(summary, erf)) return [];
  const { blocking, minor } = preprocessingOf(summary, erf);
  const found = [...blocking, ...minor];
  if (found.length === 0 || summary.warnings.some(({ code }) => code === otherPreprocessingCode)) return [];
  return [
    {
      code: otherPreprocessingCode,
      message: `The calibration was measured with other preprocessing (there) than the maps were drawn with (here): ${found.join("; ")}.`,
    },
  ];
}

/**
 * The Gaussian that the maps were drawn with, else the calibration's; with its intervals where that is of the same model, layer
 * and preprocessing.
 */
function gaussianOf(summary: CamSummary, erf: ErfRecord | null): CamsRecord["gaussian"] {
  const { columns } = summary;
  const calibration = erf?.calibration;
  const same = erf !== null && isOfMaps(summary, erf) && preprocessingOf(summary, erf).blocking.length === 0;
  const fit = (same ? calibration?.fit : null) ?? null;
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

/** The page of results. */
interface ReportPage {
  readonly title: string;
  readonly html: string;
  readonly hasErf: boolean;
  /** Images whose class activation maps it shows. */
  readonly cams: number;
  /** What to beware of in it. */
  readonly warnings: readonly Warning[];
}

/** @throws ErfitError where a folder holds no results, or results that are damaged */
export async function reportOf(folders: readonly string[]): Promise<ReportPage> {
  const { calibration, cams: summary } = await reportFiles(folders);
  const erf = calibration === null ? null : await erfRecord(calibration);
  const cams = summary === null ? null : await camsRecord(summary, erf);
  const title = titleOf(erf, cams);
  const html = reportPage(await readBuiltPage(), { title, made: made(), erf, cams });
  return {
    title,
    html,
    hasErf: erf !== null,
    cams: cams?.images.length ?? 0,
    warnings: cams?.warnings ?? [],
  };
}

const titleOf = (erf: ErfRecord | null, cams: CamsRecord | null): string =>
  erf !== null
    ? `${erf.calibration.model.file}, ${erf.calibration.layer.label}`
    : `${cams?.model ?? ""}, ${cams?.layer ?? ""}`;

/** What made the page itself; the engine of its parts stands in their own provenance. */
function made(): PageRecord["made"] {
  const { erfit, date, command: words } = provenance("none");
  return [
    ["made by", `erfit ${erfit}`],
    ["date", date],
    ["command", words],
  ];
}
