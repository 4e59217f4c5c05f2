import type { Input } from "../image/load.ts";
import { overlay, overlayStyle } from "../report/overlay.ts";
import { pngOf } from "../report/png.ts";
import { sheetFigure, type SheetRow } from "../report/sheet.ts";
import { columnTitle, type CamColumn, type DrawnCam } from "./cam-columns.ts";
import { writeAll } from "./files.ts";

/** A photograph with its overlays; a ready tensor has no photograph. */
export function sheetRow(
  name: string,
  label: string,
  probability: number,
  input: Input,
  cams: readonly DrawnCam[],
): SheetRow | null {
  const { rgb, height, width } = input;
  if (rgb === null) return null;
  const photograph = { height, width, data: rgb };
  return {
    caption: `${name}: ${label}, ${probability.toFixed(2)}`,
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
