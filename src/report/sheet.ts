import { axisFx, image, text } from "@observablehq/plot";
import type { Raster } from "../image/raster.ts";
import type { ColourMapName, Range } from "./colour.ts";
import { colourBar } from "./map-panel.ts";
import { pngUrl } from "./raster-layer.ts";
import { figure, fontSize, panel, place } from "./svg.ts";
import { elided } from "./text.ts";

/** Photographs in rows, methods in columns, as in figure 4 of Kim et al. 2021. */
export interface Sheet {
  readonly title: string;
  /** Titles of the columns after the photograph's. */
  readonly methods: readonly string[];
  readonly rows: readonly SheetRow[];
  /** What the colours mean: the colour map, the values at its ends, and whose values they are. */
  readonly scale: { readonly colourMap: ColourMapName; readonly range: Range; readonly label: string };
}

export interface SheetRow {
  /** File name, class and score under the row. */
  readonly caption: string;
  /** What the network saw. */
  readonly photograph: Raster;
  /** One picture for each method, in the columns' order. */
  readonly overlays: readonly Raster[];
}

const cell = 150;
const gap = 6;
const captionHeight = 26;
const margins = { top: 26, right: 10, bottom: captionHeight, left: 10 } as const;

/**
 * A sheet of overlays beside their photographs as SVG on white. Every picture is fitted into a square of 150 units.
 * @param sheet plain records; nothing is computed from the maps here
 */
export async function sheetFigure({ title, methods, rows, scale }: Sheet): Promise<{ readonly svg: string }> {
  const titles = ["photograph", ...methods].map((name) => elided(name, cell + gap, fontSize));
  const frame = [spread(titles.length, gap), spread(rows.length, captionHeight)] as const;
  const pictures = await Promise.all(
    rows.flatMap(({ photograph, overlays }, row) =>
      [photograph, ...overlays].map(async ({ data, width, height }, column) => ({
        row,
        column,
        src: await pngUrl(data, width, height),
      })),
    ),
  );
  const captions = rows.map(({ caption }, row) => ({ row, caption: elided(caption, frame[0], fontSize) }));
  const grid = panel(frame, margins, {
    fx: { domain: [...titles.keys()], paddingInner: gap / (cell + gap), paddingOuter: 0 },
    fy: {
      domain: [...rows.keys()],
      paddingInner: captionHeight / (cell + captionHeight),
      paddingOuter: 0,
      axis: null,
    },
    marks: [
      axisFx({ anchor: "top", label: null, tickFormat: (column: number) => titles[column] ?? "" }),
      image(pictures, {
        fx: "column",
        fy: "row",
        src: "src",
        width: cell,
        height: cell,
        frameAnchor: "middle",
      }),
      text(captions, {
        fx: () => 0,
        fy: "row",
        text: "caption",
        frameAnchor: "bottom-left",
        textAnchor: "start",
        dy: 15,
      }),
    ],
  });
  const [width, top] = [margins.left + frame[0] + margins.right, margins.top + frame[1] + margins.bottom];
  const barWidth = Math.min(frame[0], 2 * cell);
  const bar = await colourBar([scale.colourMap, scale.range], scale.label, [barWidth, 8], "bottom");
  const parts = [place(grid, margins.left, margins.top), place(bar, (width - barWidth) / 2, top + 4)];
  return { svg: figure(width, top + 56, title, parts) };
}

/** Extent of so many cells with the gaps between them. */
const spread = (cells: number, between: number): number => cells * cell + Math.max(cells - 1, 0) * between;
