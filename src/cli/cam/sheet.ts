import { columnTitle, type CamColumn } from "../../cam/columns.ts";
import type { ColorScaleName } from "../../report/color.ts";
import type { SheetRow } from "../../report/sheet/sheet.ts";
import type { ExplainedImage } from "../../tasks/cam/explain-all.ts";
import { writeAll } from "../../io/files.ts";

/** A row for each class of a photograph; a ready tensor has no photograph. */
export function sheetRows({
  source,
  input: { rgb, height, width },
  classes,
}: ExplainedImage): readonly SheetRow[] {
  if (rgb === null) return [];
  return classes.map(({ className, explanation: { classIndex, logits, probability }, cams }) => ({
    caption: `${source.name}: ${className}, ${probability === null ? "" : `probability ${probability.toFixed(3)}, `}score ${(logits[classIndex] ?? NaN).toFixed(2)}`,
    photograph: { height, width, data: rgb },
    maps: cams.map(({ map }) => map),
  }));
}

/** Rows of images, columns of methods, as PNG and SVG; returns the paths. */
export async function writeSheet(
  folder: string,
  title: string,
  columns: readonly CamColumn[],
  rows: readonly SheetRow[],
  scale: ColorScaleName = "own",
): Promise<readonly string[]> {
  // Loaded where a sheet is asked for: the drawing libraries take longer to load than a map takes to make.
  const [{ sheetFigure }, { pngOf }] = await Promise.all([
    import("../../report/sheet/sheet.ts"),
    import("../../report/png.ts"),
  ]);
  const { svg } = await sheetFigure({ title, methods: columns.map(columnTitle), rows, scale });
  return writeAll(folder, { "sheet.png": pngOf(svg, 2), "sheet.svg": svg });
}
