import type { RealMap } from "../../core/tensor.ts";
import {
  rangeOf,
  symmetricRangeOf,
  type ColorMapName,
  type Range,
  type SequentialColorMap,
} from "../color.ts";
import type { BarScale } from "../value-scale.ts";
import { powerOfTen } from "../text.ts";
import { decades, defaultExponent, placed, type ScaleName } from "../value-scale.ts";

type Colors = readonly [ColorMapName, Range];

/** A color bar in small numbers. */
interface Bar {
  readonly colors: Colors;
  readonly label: string;
  readonly scale: BarScale;
}

/** A map as it is colored, and the bar that says what the colors mean. */
interface ColoredMap {
  readonly shown: RealMap;
  readonly colors: Colors;
  readonly bar: Bar;
}

/** The values at the ends of the colors divided by a power of ten, which the label names. */
export function inUnits([colorMap, [low, high]]: Colors, label: string, scale: BarScale = {}): Bar {
  const [unit, power] = powerOfTen(Math.max(Math.abs(low), Math.abs(high)));
  const range = [low / unit, high / unit] as const;
  const ticks = scale.ticks?.filter((tick) => tick >= range[0] && tick <= range[1]);
  return {
    colors: [colorMap, range],
    label: `${label}${power}`,
    scale: { ...scale, ...(ticks && { ticks }) },
  };
}

/** How the values of an ERF become colors. */
export interface ErfColoring {
  readonly scale: ScaleName;
  readonly colorMap: SequentialColorMap;
}

/**
 * Colors of an ERF: from 0 to `bound`, its greatest value by default. A map with negative values has white at zero, and is
 * always linear: a logarithm of it there is none.
 */
export function erfColors(
  map: RealMap,
  { scale, colorMap }: ErfColoring,
  bound = rangeOf(map)[1],
): ColoredMap {
  if (rangeOf(map)[0] < 0) {
    const colors = ["blue-red", symmetricRangeOf(map)] as const;
    return { shown: map, colors, bar: inUnits(colors, "share per pixel") };
  }
  const { label, axis } = bars[scale];
  const range: Range = [axis.type === "log" ? bound / 10 ** decades : 0, bound];
  return {
    shown: bound > 0 ? placed(map, { scale, exponent: defaultExponent, bound }) : map,
    colors: [colorMap, [0, bound > 0 ? 1 : 0]],
    bar: inUnits([colorMap, bound > 0 ? range : [0, 0]], label, bound > 0 ? axis : {}),
  };
}

/** The bar of each scale. */
const bars: Readonly<Record<ScaleName, { readonly label: string; readonly axis: BarScale }>> = {
  linear: { label: "share per pixel", axis: {} },
  log: { label: "share per pixel, log", axis: { type: "log", ticks: [1e-4, 1e-3, 0.01, 0.1, 1, 10] } },
  power: {
    label: "share per pixel, √",
    axis: { type: "pow", exponent: defaultExponent, ticks: [0, 0.2, 1, 2, 5] },
  },
};
