import type { CamOfImage } from "../cam.ts";
import type { SheetFigure, SheetRow } from "./sheet-figure.ts";

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
