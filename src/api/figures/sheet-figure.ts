import { z } from "zod";
import { ErfitError } from "../../core/error.ts";
import { keysOf } from "../../core/records.ts";
import { colorScales, type ColorScaleName } from "../../report/color.ts";
import { sheetFigure as drawn } from "../../report/sheet/sheet.ts";
import { realMapOf, type MapLike, type RealArray } from "../arrays.ts";
import { checked, type OptionChecks } from "../check.ts";
import { rasterOf } from "./photograph.ts";

/** Photographs in rows, kinds of maps in columns. */
export interface SheetFigure {
  readonly title: string;
  /** Titles of the columns behind the photograph's; what follows a comma gets a line of its own. */
  readonly columns: readonly string[];
  readonly rows: readonly SheetRow[];
  /** Which maps share the values at the ends of their colors; each has its `own` by default. */
  readonly scale?: ColorScaleName | undefined;
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

const checks: OptionChecks<SheetFigure> = {
  title: z.string(),
  columns: z.array(z.string()),
  rows: z.array(rowCheck),
  scale: z.enum(keysOf(colorScales)).optional(),
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
  const { title, columns, rows, scale = "own" } = checked("sheetFigure", checks, sheet);
  return drawn({
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
  });
}
