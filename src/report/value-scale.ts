import { normalized } from "../fit/grid.ts";
import { realMap, type RealMap } from "../core/tensor.ts";

/** The map divided by its sum, as it was fitted; a map without a positive sum is drawn as it is. */
export function sharesOf(map: RealMap): RealMap {
  const shares = normalized(map);
  return shares.data.every(Number.isFinite) ? shares : map;
}

/** How a value becomes a place in the colors: both are shares, of the greatest value and of the colors. */
interface Scale {
  readonly title: string;
  readonly place: (share: number, exponent: number) => number;
  readonly shareAt: (place: number, exponent: number) => number;
}

/** Below this share of the greatest value, the logarithm has only its darkest color. */
export const decades = 4;

export const scales = {
  linear: { title: "linear", place: (share) => share, shareAt: (place) => place },
  log: {
    title: "log",
    place: (share) => Math.max(1 + Math.log10(share) / decades, 0),
    shareAt: (place) => 10 ** (decades * (place - 1)),
  },
  power: {
    title: "power",
    place: (share, exponent) => share ** exponent,
    shareAt: (place, exponent) => place ** (1 / exponent),
  },
} as const satisfies Record<string, Scale>;

export type ScaleName = keyof typeof scales;

/** A scale with its arguments: the exponent is the power's. */
export interface Scaling {
  readonly scale: ScaleName;
  readonly exponent: number;
  /** The value that has the last color. */
  readonly bound: number;
}

/** Places in the colors, from -1 to 1: a negative value has its opposite's place on the other side of zero. */
export function placed(
  { shape: [height, width], data }: RealMap,
  { scale, exponent, bound }: Scaling,
): RealMap {
  const { place }: Scale = scales[scale];
  return realMap(
    height,
    width,
    data.map((value) => Math.sign(value) * place(Math.min(Math.abs(value) / bound, 1), exponent)),
  );
}

/** The value at a place from -1 to 1. */
export function valueAt(place: number, { scale, exponent, bound }: Scaling): number {
  const { shareAt }: Scale = scales[scale];
  return bound * Math.sign(place) * shareAt(Math.abs(place), exponent);
}

/** A power that shows values of a hundredth of the greatest, and still tells the greatest apart. */
export const defaultExponent = 0.5;

/** Where the values of a color bar stand; ticks where Plot would choose too many. */
export interface BarScale {
  readonly type?: "linear" | "log" | "pow";
  readonly exponent?: number;
  readonly ticks?: readonly number[];
}
