import type { Unary } from "../core/algebra.ts";

interface Normalization {
  readonly title: string;
  /** Before upsampling, after the ReLU. */
  readonly grid: Unary;
  /** After upsampling. */
  readonly map: Unary;
}

const same: Unary = (_, map) => map;

const greatest: Unary = (g, map) => g.reduceMax(map, [...map.shape.keys()]);

/** Over its greatest value; zero where that is zero. */
const byGreatestOf =
  (of: Unary): Unary =>
  (g, map) => {
    const divisor = greatest(g, of(g, map));
    return g.where(g.greater(divisor, 0), g.div(map, divisor), 0);
  };

/** Moved and scaled to [0, 1], as the paper's figures show a map; a constant map becomes zero. */
export const minMax: Unary = (g, map) => byGreatestOf(same)(g, g.add(map, greatest(g, g.neg(map))));

/** How a map's values are scaled. A constant map becomes zero wherever its least value is subtracted. */
export const normalizations = {
  none: { title: "in the units of the score", grid: same, map: same },
  "min-max": { title: "from 0 to 1", grid: same, map: minMax },
  max: {
    title: "divided by the greatest absolute value; zero stays zero",
    grid: same,
    map: byGreatestOf((g, map) => g.abs(map)),
  },
  "grid-and-map": {
    title: "from 0 to 1 before upsampling and again after it, as pytorch-grad-cam does",
    grid: minMax,
    map: minMax,
  },
} as const satisfies Record<string, Normalization>;

export type NormalizationName = keyof typeof normalizations;
