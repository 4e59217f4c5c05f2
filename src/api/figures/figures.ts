import { z } from "zod";
import type { CamOfImage } from "../cam.ts";
import { rasterOf } from "./pictures.ts";
import type { Calibration } from "../../calibration/schema.ts";
import { ErfitError } from "../../core/error.ts";
import { keysOf } from "../../core/required.ts";
import type { FitResult } from "../../fit/result.ts";
import { colorScales, type ColorScaleName, type SequentialColorMap } from "../../report/color.ts";
import { erfFigure as drawn, calibrationFigure, mapFigure } from "../../report/erf/figure.ts";
import { figureStyle, leastWidth } from "../../report/figure-style.ts";
import { overlayStyle } from "../../report/overlay.ts";
import { leastSheetWidth, sheetFigure as drawnSheet } from "../../report/sheet/sheet.ts";
import { scales, type ScaleName } from "../../report/value-scale.ts";
import { realMapOf, type MapLike, type RealArray } from "../../tasks/arrays.ts";
import { checkedFields } from "../../tasks/check.ts";
import { colorMapSchema, drawingOptions, mapOptions } from "../../tasks/options/figures.ts";
import { calibrationRecord } from "../../tasks/options/gaussian.ts";

/** How large a figure is on paper. */
interface FigureSize {
  /** Its width in `in`, `mm`, `cm` or `pt`, such as `"3.35in"`, a column of many journals. By default it is as wide as on a web page, 5.1 in. */
  readonly width?: string | undefined;
  /** Size of its letters, such as `"7pt"`; notes are a little smaller. By default 7 pt with a `width`, else 8.25 pt. */
  readonly fontSize?: string | undefined;
}

/** A map, and what is known of it. */
export interface ErfFigure extends FigureSize {
  /** The effective receptive field `[height, width]`, as `probe` and `calibrate` return it. */
  readonly map: MapLike;
  /** Its calibration: the fit, the theoretical field, how many photographs, the first warning. */
  readonly calibration?: Calibration | undefined;
  /** Without a calibration: what `fitGaussian` made of the map. */
  readonly fitted?: FitResult | undefined;
  /** By default the calibration's model and layer; `false` leaves it out. */
  readonly title?: string | false | undefined;
  /** How values become colors: `linear`, the default, `power` (square root) or `log`. */
  readonly scale?: ScaleName | undefined;
  /** Colors of the map, `viridis` by default. A map with negative values is blue and red. */
  readonly colorMap?: SequentialColorMap | undefined;
  /** The map alone, with its axes and color bar: no profiles and no residual. */
  readonly mapOnly?: boolean | undefined;
}

const sizeChecks = {
  width: drawingOptions.width.schema.optional(),
  fontSize: drawingOptions.fontSize.schema.optional(),
};

const checks: { readonly [K in keyof ErfFigure]-?: z.ZodType<ErfFigure[K]> } = {
  map: z.custom<MapLike>(),
  calibration: calibrationRecord.optional(),
  fitted: z
    .custom<FitResult>(
      (given) => typeof given === "object" && given !== null && "fit" in given,
      "expected what fitGaussian returns",
    )
    .optional(),
  title: z.union([z.string(), z.literal(false)]).optional(),
  scale: z.enum(keysOf(scales)).optional(),
  ...sizeChecks,
  colorMap: colorMapSchema.optional(),
  mapOnly: mapOptions.mapOnly.schema.optional(),
};

/**
 * The effective receptive field as a picture: the map with the fitted Gaussian's ellipses at 1 and 2 sigma and the frame of the
 * theoretical field, both marginals, and the residual; of a small field the part of the map that it takes, with a small picture of
 * the whole. One SVG, as wide as a page's text or as `width` says; `pngOf` makes pixels of it, `pdfOf` a page.
 *
 * @throws ErfitError for wrong arguments, and where letters of the `fontSize` have no room in the `width`
 * @example
 * ```ts
 * import { readCalibration, readMap } from "erfit";
 * import { erfFigure, pngOf } from "erfit/figures";
 *
 * const map = await readMap("test/erf/shape/maps/noisy.npy");
 * const calibration = await readCalibration("test/fixtures/calibration/calibration.json");
 * const { svg } = await erfFigure({ map, calibration, title: "VGG-16, block5_conv3" });
 * console.log(svg.startsWith("<svg"), pngOf(svg, 2).length > 10_000); // true true
 * ```
 */
export async function erfFigure(options: ErfFigure): Promise<{ readonly svg: string }> {
  const {
    map: given,
    calibration,
    fitted,
    title,
    scale = "linear",
    ...looks
  } = checkedFields("erfFigure", checks, options);
  const least = looks.mapOnly === true ? leastWidth.map : leastWidth.figure;
  const style = figureStyle({ ...looks, title: title !== false }, least);
  const map = realMapOf(given, "erfFigure: the map");
  const figure =
    calibration === undefined ? mapFigure(map, fitted, scale) : calibrationFigure(map, calibration, scale);
  return drawn({ ...figure, ...(typeof title === "string" && { title }) }, style);
}

/** Photographs in rows, kinds of maps in columns. */
export interface SheetFigure extends FigureSize {
  readonly title: string;
  /** Titles of the columns behind the photograph's; what follows a comma gets a line of its own. */
  readonly columns: readonly string[];
  readonly rows: readonly SheetRow[];
  /** Which maps share the values at the ends of their colors; each has its `own` by default. */
  readonly scale?: ColorScaleName | undefined;
  /** Colors of the maps, `turbo` by default. */
  readonly colorMap?: SequentialColorMap | undefined;
}

/** A photograph with its maps. */
export interface SheetRow {
  /** What stands under the row. */
  readonly caption: string;
  /** `[height, width, 3]`, RGB, 0 to 255, as `cam` gives it. */
  readonly photograph: RealArray;
  /** One map `[height, width]` for each column. */
  readonly maps: readonly MapLike[];
}

const rowCheck = z.strictObject({
  caption: z.string(),
  photograph: z.custom<RealArray>(),
  maps: z.array(z.custom<MapLike>()),
});

const sheetChecks: { readonly [K in keyof SheetFigure]-?: z.ZodType<SheetFigure[K]> } = {
  title: z.string(),
  columns: z.array(z.string()),
  rows: z.array(rowCheck),
  scale: z.enum(keysOf(colorScales)).optional(),
  ...sizeChecks,
  colorMap: colorMapSchema.optional(),
};

/**
 * A sheet of maps over their photographs as one SVG on white, as in figure 4 of Kim et al. 2021.
 *
 * @throws ErfitError for wrong arguments, or where the sizes of a photograph and its maps differ
 * @example
 * ```ts
 * import { cam, openModel, type CamOfImage } from "erfit";
 * import { pngOf, sheetFigure, sheetOf } from "erfit/figures";
 *
 * const model = await openModel("models/vgg16-sample.onnx");
 * const cams: CamOfImage[] = [];
 * for await (const one of cam(model, "photos/cat.jpg", { method: ["grad-cam", "extended"] })) cams.push(one);
 * const { svg } = await sheetFigure({ title: "Two methods", ...sheetOf(cams) });
 * console.log(pngOf(svg, 1).length > 10_000); // true
 * await model.close();
 * ```
 */
export async function sheetFigure(sheet: SheetFigure): Promise<{ readonly svg: string }> {
  const {
    title,
    columns,
    rows,
    scale = "own",
    colorMap = overlayStyle.colorMap,
    ...size
  } = checkedFields("sheetFigure", sheetChecks, sheet);
  const style = figureStyle({ ...size, colorMap }, leastSheetWidth(columns.length));
  const drawing = {
    title,
    methods: columns,
    scale,
    rows: rows.map(({ caption, photograph, maps }, k) => {
      if (maps.length !== columns.length)
        throw new ErfitError(`sheetFigure: row ${k} has ${maps.length} maps for ${columns.length} columns`);
      return {
        caption,
        photograph: rasterOf(photograph, `sheetFigure: the photograph of row ${k}`),
        maps: maps.map((map, column) => realMapOf(map, `sheetFigure: map ${column} of row ${k}`)),
      };
    }),
  };
  return drawnSheet(drawing, style);
}

/**
 * Maps as the rows and columns of a sheet, in the order in which `cam` gave them: a row for each class of each photograph. A
 * ready tensor has no photograph, and no row.
 *
 * @example
 * ```ts
 * import { sheetOf } from "erfit/figures";
 *
 * console.log(sheetOf([])); // { columns: [], rows: [] }
 * ```
 */
export function sheetOf(cams: readonly CamOfImage[]): Pick<SheetFigure, "columns" | "rows"> {
  const titles = new Set<string>();
  const rows = new Map<string, SheetRow & { readonly maps: CamOfImage["map"][] }>();
  for (const { image, classIndex, className, score, probability, title, photograph, map } of cams) {
    if (photograph === null) continue;
    titles.add(title);
    const caption = `${image}: ${className}, ${probability === null ? "" : `probability ${probability.toFixed(3)}, `}score ${score.toFixed(2)}`;
    const name = `${image}\0${classIndex}`;
    const row = rows.get(name) ?? { caption, photograph, maps: [] };
    row.maps.push(map);
    rows.set(name, row);
  }
  return { columns: [...titles], rows: [...rows.values()] };
}
