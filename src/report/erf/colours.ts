import type { RealMap } from "../../math/tensor.ts";
import { rangeOf, symmetricRangeOf, type ColourMapName, type Range } from "../colour.ts";
import type { BarScale } from "../map-panel.ts";
import { powerOfTen } from "../text.ts";
import { decades, defaultExponent, placed, type ScaleName } from "../value-scale.ts";

type Colours = readonly [ColourMapName, Range];

/** A colour bar in small numbers. */
interface Bar {
  readonly colours: Colours;
  readonly label: string;
  readonly scale: BarScale;
}

/** A map as it is coloured, and the bar that says what the colours mean. */
interface ColouredMap {
  readonly shown: RealMap;
  readonly colours: Colours;
  readonly bar: Bar;
}

/** The values at the ends of the colours divided by a power of ten, which the label names. */
export function inUnits([colourMap, [low, high]]: Colours, label: string, scale: BarScale = {}): Bar {
  const [unit, power] = powerOfTen(Math.max(Math.abs(low), Math.abs(high)));
  const range = [low / unit, high / unit] as const;
  const ticks = scale.ticks?.filter((tick) => tick >= range[0] && tick <= range[1]);
  return {
    colours: [colourMap, range],
    label: `${label}${power}`,
    scale: { ...scale, ...(ticks && { ticks }) },
  };
}

/**
 * Colours of an ERF: from 0 to `bound`, its greatest value by default. A map with negative values has white at zero, and is
 * always linear: a logarithm of it there is none.
 */
export function erfColours(map: RealMap, scale: ScaleName, bound = rangeOf(map)[1]): ColouredMap {
  if (rangeOf(map)[0] < 0) {
    const colours = ["blue-red", symmetricRangeOf(map)] as const;
    return { shown: map, colours, bar: inUnits(colours, "share per pixel") };
  }
  const { label, axis } = bars[scale];
  const range: Range = [axis.type === "log" ? bound / 10 ** decades : 0, bound];
  return {
    shown: bound > 0 ? placed(map, { scale, exponent: defaultExponent, bound }) : map,
    colours: ["viridis", [0, bound > 0 ? 1 : 0]],
    bar: inUnits(["viridis", bound > 0 ? range : [0, 0]], label, bound > 0 ? axis : {}),
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
