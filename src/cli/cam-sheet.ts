import { overlay, overlayStyle } from "../report/overlay.ts";
import type { SheetRow } from "../report/sheet.ts";
import { columnTitle, type CamColumn } from "./cam-columns.ts";
import type { ExplainedImage } from "./cam-run.ts";
import { writeAll } from "./files.ts";

/** A photograph with its overlays; a ready tensor has no photograph. */
export function sheetRow({ name, className, explanation, input, cams }: ExplainedImage): SheetRow | null {
  const { rgb, height, width } = input;
  if (rgb === null) return null;
  const photograph = { height, width, data: rgb };
  return {
    caption: `${name}: ${className}, ${explanation.probability.toFixed(2)}`,
    photograph,
    overlays: cams.map(({ map }) => overlay(photograph, map)),
  };
}

/** Rows of images, columns of methods, as PNG and SVG. */
export async function writeSheet(
  folder: string,
  title: string,
  columns: readonly CamColumn[],
  rows: readonly SheetRow[],
): Promise<readonly string[]> {
  // Loaded where a sheet is asked for: the drawing libraries take longer to load than a map takes to make.
  const [{ sheetFigure }, { pngOf }] = await Promise.all([
    import("../report/sheet.ts"),
    import("../report/png.ts"),
  ]);
  const { svg } = await sheetFigure({
    title,
    methods: columns.map(columnTitle),
    rows,
    scale: {
      colourMap: overlayStyle.colourMap,
      range: [0, 1],
      label: "each map from its least to its greatest value",
    },
  });
  return writeAll(folder, { "sheet.png": pngOf(svg, 2), "sheet.svg": svg });
}
