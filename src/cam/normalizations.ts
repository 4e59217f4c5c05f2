import { realMap, type RealMap } from "../core/tensor.ts";

interface Normalization {
  readonly title: string;
  /** Before upsampling, after the ReLU. */
  readonly grid: (grid: RealMap) => RealMap;
  /** After upsampling. */
  readonly map: (map: RealMap) => RealMap;
}

const same = (map: RealMap): RealMap => map;

/** How a map's values are scaled. A constant map becomes zero wherever its least value is subtracted. */
export const normalizations = {
  none: { title: "in the units of the score", grid: same, map: same },
  "min-max": { title: "from 0 to 1", grid: same, map: minMax },
  max: { title: "divided by the greatest absolute value; zero stays zero", grid: same, map: byGreatest },
  "grid-and-map": {
    title: "from 0 to 1 before upsampling and again behind it, as pytorch-grad-cam does",
    grid: minMax,
    map: minMax,
  },
} as const satisfies Record<string, Normalization>;

export type NormalizationName = keyof typeof normalizations;

const mapped = ({ shape: [height, width], data }: RealMap, of: (value: number) => number): RealMap =>
  realMap(height, width, data.map(of));

/** Least and greatest value; a loop, because a map has more elements than a call may have arguments. */
function extentOf(data: Float64Array): [low: number, high: number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of data) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** The map moved and scaled to [0, 1], as the paper's figures show it; a constant map becomes zero. */
export function minMax(map: RealMap): RealMap {
  const [low, high] = extentOf(map.data);
  const range = high - low;
  return mapped(map, (value) => (range > 0 ? (value - low) / range : 0));
}

function byGreatest(map: RealMap): RealMap {
  const [low, high] = extentOf(map.data);
  const greatest = Math.max(high, -low);
  return greatest > 0 ? mapped(map, (value) => value / greatest) : map;
}
