import { axisFx, image, text } from "@observablehq/plot";
import type { RealMap } from "../../core/tensor.ts";
import type { Raster } from "../../input/raster.ts";
import { type Range, colorScales, type ColorMapName, type ColorScaleName, rangesOf } from "../color.ts";
import { colorBar, photographUrl } from "../map-panel.ts";
import { overlayStyle, overlay } from "../overlay.ts";
import { type Panel, figure, panel, place } from "../svg.ts";
import { defaultStyle, fontSize, requireWidth, type FigureStyle } from "../figure-style.ts";
import { powerOfTen, elided } from "../text.ts";

/** The measures of a sheet that its bars keep to. */
interface Layout {
  readonly cell: number;
  readonly gap: number;
  readonly captionHeight: number;
  readonly colorMap: ColorMapName;
  /** Extent of all pictures, from the upper left corner of the first. */
  readonly frame: readonly [width: number, height: number];
}

/** A color bar, by its upper left corner from that of the first picture. */
interface Bar {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly range: Range;
  readonly label: string;
}

/** Ranges of a sheet's maps, row by row. */
type Ranges = readonly (readonly Range[])[];

const barHeight = 7;

/** Room under the sheet for bars with values and a label. */
const roomBelow = 44;

/** One bar in the middle under the sheet. */
const single =
  (label: string, rangeIn: (ranges: Ranges) => Range) =>
  (ranges: Ranges, { cell, captionHeight, frame: [frameWidth, frameHeight] }: Layout): readonly Bar[] => {
    const width = Math.min(frameWidth, 2 * cell);
    const x = (frameWidth - width) / 2;
    return [{ x, y: frameHeight + captionHeight, width, range: rangeIn(ranges), label }];
  };

const first = (ranges: Ranges): Range => ranges[0]?.[0] ?? [0, 1];

/** A bar for each group of maps that share their colors' values. */
const barsOf: Readonly<Record<ColorScaleName, (ranges: Ranges, layout: Layout) => readonly Bar[]>> = {
  own: single(colorScales.own.title, () => [0, 1]),
  sheet: single(colorScales.sheet.title, first),
  column: (ranges, { cell, gap, captionHeight, frame: [, height] }) =>
    (ranges[0] ?? []).map((range, column) => ({
      x: (column + 1) * (cell + gap),
      y: height + captionHeight,
      width: cell,
      range,
      label: colorScales.column.title,
    })),
  row: (ranges, { cell, captionHeight, frame: [width] }) =>
    ranges.map(([range = [0, 1]], row) => ({
      x: width - cell,
      y: row * (cell + captionHeight) + cell + 4,
      width: cell,
      range,
      label: "",
    })),
};

/** The bars of a sheet, and the room that they take under it; none where it has no maps. */
async function sheetBars(scale: ColorScaleName, ranges: Ranges, layout: Layout) {
  const bars = ranges.some((row) => row.length > 0) ? barsOf[scale](ranges, layout) : [];
  const panels = await Promise.all(
    bars.map(async (bar) => ({ x: bar.x, y: bar.y, panel: await drawn(bar, layout.colorMap) })),
  );
  return { panels, height: bars.length > 0 && scale !== "row" ? roomBelow : 0 };
}

function drawn({ width, range, label }: Bar, colorMap: ColorMapName): Promise<Panel> {
  const [unit, power] = powerOfTen(Math.max(...range.map(Math.abs)));
  const shown = [range[0] / unit, range[1] / unit] as const;
  return colorBar([colorMap, shown], `${label}${power}`.trim(), [width, barHeight], "bottom");
}

/** Photographs in rows, methods in columns, as in figure 4 of Kim et al. 2021. */
export interface Sheet {
  readonly title: string;
  /** Titles of the columns after the photograph's; what follows a comma gets a line of its own. */
  readonly methods: readonly string[];
  readonly rows: readonly SheetRow[];
  /** Which maps share the values at the ends of their colors. */
  readonly scale: ColorScaleName;
}

export interface SheetRow {
  /** File name, class and score under the row. */
  readonly caption: string;
  /** What the network saw. */
  readonly photograph: Raster;
  /** One map for each method, in the columns' order, of the photograph's height and width. */
  readonly maps: readonly RealMap[];
}

/** Side of a picture where no width is asked for, and at least. */
const [usualCell, leastCell] = [150, 60] as const;
const gap = 6;
const lineHeight = 13;
const side = 10;

/** The sheet's own colors, where none are asked for. */
const sheetStyle = { ...defaultStyle, colorMap: overlayStyle.colorMap };

/** Units that a sheet with so many columns of maps takes at least. */
export const leastSheetWidth = (methods: number): number => spread(methods + 1, leastCell, gap) + 2 * side;

/**
 * A sheet of maps over their photographs as SVG on white. Every picture is fitted into a square: of 150 units, or where a
 * width was asked for, as large as has room.
 */
export async function sheetFigure(
  { title, methods, rows, scale }: Sheet,
  style: FigureStyle = sheetStyle,
): Promise<{ readonly svg: string }> {
  const count = methods.length + 1;
  const sized = style.pointsPerUnit !== null;
  if (sized) requireWidth(style, leastSheetWidth(methods.length));
  const cell = sized ? (style.width - 2 * side - (count - 1) * gap) / count : usualCell;
  const colorMap = style.colorMap;
  const titles = ["photograph", ...methods].map((one) => linesOf(one, cell));
  // A bar with its values stands beside the caption where each row has its own.
  const captionHeight = scale === "row" ? 36 : 28;
  const frame = [spread(titles.length, cell, gap), spread(rows.length, cell, captionHeight)] as const;
  const top = side + lineHeight * Math.max(...titles.map((lines) => lines.length));
  const ranges = rangesOf(
    rows.map(({ maps }) => maps),
    scale,
  );
  const captionWidth = scale === "row" && methods.length > 0 ? frame[0] - cell - gap : frame[0];
  const captions = rows.map(({ caption }, row) => ({
    row,
    caption: elided(caption, captionWidth, fontSize),
  }));
  const grid = panel(
    frame,
    { top, right: side, bottom: captionHeight, left: side },
    {
      fx: { domain: [...titles.keys()], paddingInner: gapShare(titles.length, cell, gap), paddingOuter: 0 },
      fy: {
        domain: [...rows.keys()],
        paddingInner: gapShare(rows.length, cell, captionHeight),
        paddingOuter: 0,
        axis: null,
      },
      marks: [
        axisFx({
          anchor: "top",
          label: null,
          tickFormat: (column: number) => titles[column]?.join("\n") ?? "",
        }),
        image(await picturesOf(rows, ranges, colorMap), {
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
    },
  );
  const bars = await sheetBars(scale, ranges, { cell, gap, captionHeight, frame, colorMap });
  const height = top + frame[1] + captionHeight + bars.height;
  return {
    svg: figure({ ...style, width: frame[0] + 2 * side, title: true }, height, title, [
      place(grid, side, top),
      ...bars.panels.map(({ panel: bar, x, y }) => place(bar, side + x, top + y)),
    ]),
  };
}

/** Every row's photograph and overlays. */
const picturesOf = (
  rows: readonly SheetRow[],
  ranges: readonly (readonly Range[])[],
  colorMap: ColorMapName,
) =>
  Promise.all(
    rows.flatMap(({ photograph, maps }, row) => {
      const overlays = maps.map((map, column) =>
        overlay(photograph, map, { ...overlayStyle, colorMap, range: ranges[row]?.[column] ?? "own" }),
      );
      return [photograph, ...overlays].map(async (picture, column) => ({
        row,
        column,
        src: await photographUrl(picture),
      }));
    }),
  );

/** A column's title, line by line, each as wide as its column. */
const linesOf = (title: string, cell: number): readonly string[] =>
  title.split(", ").map((part) => elided(part, cell + gap, fontSize));

/** Share of a step that lies between two cells; a scale of one band would take it out of the cell. */
const gapShare = (cells: number, cell: number, space: number): number =>
  cells > 1 ? space / (cell + space) : 0;

/** Extent of so many cells with the gaps between them. */
const spread = (cells: number, cell: number, between: number): number =>
  cells * cell + Math.max(cells - 1, 0) * between;
