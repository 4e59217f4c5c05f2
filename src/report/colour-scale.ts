import type { RealMap } from "../math/tensor.ts";
import { rangeOf, type Range } from "./colour.ts";

/** Which maps of a sheet share the values at the two ends of their colours. */
interface ColourScale {
  /** What the colours mean, under their bar. */
  readonly title: string;
  /** Maps of one group share one range. */
  readonly group: (row: number, column: number) => string;
}

export const colourScales = {
  own: {
    title: "each map from its least (0) to its greatest value (1)",
    group: (row, column) => `${row},${column}`,
  },
  row: { title: "values of the row's maps", group: String },
  column: { title: "values", group: (_, column) => String(column) },
  sheet: { title: "values of all maps", group: () => "all" },
} as const satisfies Record<string, ColourScale>;

export type ColourScaleName = keyof typeof colourScales;

/** The values at the two ends of each map's colours; `maps` are rows of columns. */
export function rangesOf(
  maps: readonly (readonly RealMap[])[],
  scale: ColourScaleName,
): readonly (readonly Range[])[] {
  const { group }: ColourScale = colourScales[scale];
  const ranges = new Map<string, Range>();
  maps.forEach((row, r) => {
    row.forEach((map, c) => {
      const [low, high] = rangeOf(map);
      const [least, greatest] = ranges.get(group(r, c)) ?? [low, high];
      ranges.set(group(r, c), [Math.min(low, least), Math.max(high, greatest)]);
    });
  });
  return maps.map((row, r) => row.map((_, c) => ranges.get(group(r, c)) ?? [0, 0]));
}
