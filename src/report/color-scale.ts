import type { RealMap } from "../core/tensor.ts";
import { rangeOf, type Range } from "./color.ts";

/** Which maps of a sheet share the values at the two ends of their colors. */
interface ColorScale {
  /** What the colors mean, under their bar. */
  readonly title: string;
  /** Maps of one group share one range. */
  readonly group: (row: number, column: number) => string;
}

export const colorScales = {
  own: {
    title: "each map from its least (0) to its greatest value (1)",
    group: (row, column) => `${row},${column}`,
  },
  row: { title: "values of the row's maps", group: String },
  column: { title: "values", group: (_, column) => String(column) },
  sheet: { title: "values of all maps", group: () => "all" },
} as const satisfies Record<string, ColorScale>;

export type ColorScaleName = keyof typeof colorScales;

/** The values at the two ends of each map's colors; `maps` are rows of columns. */
export function rangesOf(
  maps: readonly (readonly RealMap[])[],
  scale: ColorScaleName,
): readonly (readonly Range[])[] {
  const { group }: ColorScale = colorScales[scale];
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
