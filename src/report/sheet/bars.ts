import { overlayStyle } from "../overlay.ts";
import type { Range } from "../color.ts";
import { colorScales, type ColorScaleName } from "../color-scale.ts";
import { colorBar } from "../map-panel.ts";
import type { Panel } from "../svg.ts";
import { powerOfTen } from "../text.ts";

/** The measures of a sheet that its bars keep to. */
interface Layout {
  readonly cell: number;
  readonly gap: number;
  readonly captionHeight: number;
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
export async function sheetBars(scale: ColorScaleName, ranges: Ranges, layout: Layout) {
  const bars = ranges.some((row) => row.length > 0) ? barsOf[scale](ranges, layout) : [];
  const panels = await Promise.all(
    bars.map(async (bar) => ({ x: bar.x, y: bar.y, panel: await drawn(bar) })),
  );
  return { panels, height: bars.length > 0 && scale !== "row" ? roomBelow : 0 };
}

function drawn({ width, range, label }: Bar): Promise<Panel> {
  const [unit, power] = powerOfTen(Math.max(...range.map(Math.abs)));
  const shown = [range[0] / unit, range[1] / unit] as const;
  return colorBar([overlayStyle.colorMap, shown], `${label}${power}`.trim(), [width, barHeight], "bottom");
}
