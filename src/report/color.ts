import { rgb } from "d3-color";
import {
  interpolateCividis,
  interpolateGreys,
  interpolateInferno,
  interpolateMagma,
  interpolatePlasma,
  interpolateRdBu,
  interpolateTurbo,
  interpolateViridis,
} from "d3-scale-chromatic";
import { keysOf } from "../core/required.ts";
import type { RealMap } from "../core/tensor.ts";

interface ColorMap {
  /** Color of t in [0, 1], as CSS. */
  readonly color: (t: number) => string;
  readonly kind: "sequential" | "diverging";
  /** Equal steps look equal: what a figure of measurements needs. Turbo shows more detail and also more than there is. */
  readonly uniform: boolean;
}

/** From low to high values: what an effective receptive field is drawn in. */
export type SequentialColorMap = "viridis" | "magma" | "inferno" | "plasma" | "cividis" | "turbo" | "greys";

export type ColorMapName = SequentialColorMap | "blue-red";

export const colorMaps: Readonly<Record<ColorMapName, ColorMap>> = {
  viridis: { color: interpolateViridis, kind: "sequential", uniform: true },
  magma: { color: interpolateMagma, kind: "sequential", uniform: true },
  inferno: { color: interpolateInferno, kind: "sequential", uniform: true },
  plasma: { color: interpolatePlasma, kind: "sequential", uniform: true },
  cividis: { color: interpolateCividis, kind: "sequential", uniform: true },
  turbo: { color: interpolateTurbo, kind: "sequential", uniform: false },
  greys: { color: interpolateGreys, kind: "sequential", uniform: false },
  "blue-red": { color: (t) => interpolateRdBu(1 - t), kind: "diverging", uniform: true },
};

export const sequentialColorMaps = keysOf(colorMaps).filter((name) => name !== "blue-red");

/** Colors of lines: blue and vermilion (Okabe and Ito 2008) are apart also without color vision. */
export const ink = { blue: "#0072b2", vermilion: "#d55e00", gray: "#8f959e" } as const;

/** Values at the two ends of a color map. */
export type Range = readonly [low: number, high: number];

/** Least and greatest finite value; `[0, 0]` where there is none. */
export function rangeOf({ data }: RealMap): Range {
  let [low, high] = [Infinity, -Infinity];
  for (const value of data) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : [0, 0];
}

/** The range with zero in its middle, for a diverging map: white is zero. */
export function symmetricRangeOf(map: RealMap): Range {
  const bound = Math.max(...rangeOf(map).map(Math.abs));
  return [-bound, bound];
}

/** RGBA bytes of the map, row-major; values outside the range take the color of its end, NaN is transparent. */
export function paint({ data }: RealMap, colorMap: ColorMapName, [low, high]: Range): Uint8Array {
  const colors = rampOf(colorMap);
  const rgba = new Uint8Array(4 * data.length);
  const scale = high > low ? (steps - 1) / (high - low) : 0;
  data.forEach((value, pixel) => {
    if (Number.isNaN(value)) return;
    const step = Math.round(Math.min(Math.max((value - low) * scale, 0), steps - 1));
    for (let byte = 0; byte < 4; byte++) rgba[4 * pixel + byte] = colors[4 * step + byte] ?? 0;
  });
  return rgba;
}

/** A byte of color has no more steps than this. */
const steps = 256;

/** RGBA bytes of the colors from low to high. */
export function rampOf(name: ColorMapName): Uint8Array {
  const { color }: ColorMap = colorMaps[name];
  const table = new Uint8Array(4 * steps);
  for (let step = 0; step < steps; step++) {
    const { r, g, b } = rgb(color(step / (steps - 1)));
    table.set([r, g, b, 255], 4 * step);
  }
  return table;
}

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
