import { at } from "../core/required.ts";
import type { RealMap } from "../core/tensor.ts";
import { mapAtUnitScale } from "../core/unit-scale.ts";
import { goodnessOf } from "./description.ts";
import { binned, gridOf, targetOf } from "./grid.ts";
import { bestNear, findMinima } from "./minima.ts";
import { surfaceFrom, models, type Surface } from "./model.ts";
import { defaultFitOptions, type FitOptions, type FitResult, type Warning } from "./result.ts";
import { gaussianMap } from "./surface.ts";

/** A map whose Gaussian leaves less than this share of the variance unexplained needs no other explanation. */
const leastLeft = 0.01;

/** What the logarithm of a Gaussian may leave unexplained: a small share of the variance, and far less than a Gaussian. */
const most = { left: 0.05, ofGaussian: 0.2 } as const;

/** A map is compared in this many bins a side. */
const bins = 64;

/** Natural logarithms of 1 + the field's largest value, 2 to 1e15: in these steps one of them is always close enough. */
const depths: readonly number[] = Array.from({ length: 18 }, (_, step) => 0.7 * 1.26 ** step);

const options: FitOptions = { ...defaultFitOptions, relativeOffset: 1e-3 };

/** Reasons against a fit that a logarithm may have: it lies below zero, or is too flat for any Gaussian. */
const suspicious: ReadonlySet<string | undefined> = new Set([
  "NEGATIVE_MASS",
  "ZERO_MASS",
  "RUNS_AWAY",
  "NO_PEAK",
]);

/** The fit of a map from another program, with a warning where that looks like a logarithm: none of erfit's own maps is one. */
export function warnedOfLogarithm(map: RealMap, result: FitResult): FitResult {
  const { fit, warnings } = result;
  if (fit === null && !suspicious.has(warnings[0]?.code)) return result;
  const found = logarithmWarnings(map);
  return { ...result, warnings: fit === null ? [...found, ...warnings] : [...warnings, ...found] };
}

/**
 * A warning where a map fits the logarithm of a Gaussian far better than a Gaussian: scripts save log10(x + 1), often divided
 * by its maximum, which is meant for display (RepLKNet). Both are compared with the map as it is; undone, it would have little
 * but its peak left to fit. A square root or another power of a Gaussian is a Gaussian and cannot be recognized.
 */
function logarithmWarnings(map: RealMap): readonly Warning[] {
  const factor = Math.ceil(Math.max(...map.shape) / bins);
  const coarse = toUnitInterval(binned(gridOf(mapAtUnitScale(map)), factor));
  if (coarse === undefined) return [];
  const target = targetOf(coarse);
  const [plain] = findMinima(target, models.gaussian, options).minima;
  const left = plain === undefined ? 1 : 1 - goodnessOf(target, plain.point).rSquared;
  if (left <= leastLeft) return [];
  const found = logarithmOf(coarse, plain?.point.surface ?? broad(coarse));
  if (found === undefined || found.left > Math.min(most.left, most.ofGaussian * left)) return [];
  const pixels = (sigma: number): number => Number((sigma * factor).toPrecision(2));
  return [
    {
      code: "LOGARITHM",
      message:
        "The map looks like the logarithm of a receptive field, such as log10(x + 1) / max, which is meant for display: it leaves " +
        `${percent(found.left)} of the variance unexplained, a Gaussian ${percent(left)}. Fit the map before the logarithm, whose ` +
        `sigma is about ${pixels(found.surface.sigmaX)}, ${pixels(found.surface.sigmaY)} px.`,
    },
  ];
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;

/** The map scaled to [0, 1], with 0 kept unless the map is negative somewhere; undefined where it is constant or not finite. */
function toUnitInterval({ shape, data }: RealMap): RealMap | undefined {
  let [lowest, highest] = [0, Number.NEGATIVE_INFINITY];
  for (const value of data) [lowest, highest] = [Math.min(lowest, value), Math.max(highest, value)];
  const range = highest - lowest;
  return range > 0 && Number.isFinite(range)
    ? { shape, data: data.map((value) => (value - lowest) / range) }
    : undefined;
}

const broad = ({ shape: [height, width] }: RealMap): Surface =>
  surfaceFrom({
    amplitude: 1,
    centerX: (width - 1) / 2,
    centerY: (height - 1) / 2,
    sigmaX: width / 4,
    sigmaY: height / 4,
  });

/** The logarithm of a Gaussian that best describes a map in [0, 1], and what share of the variance it leaves. */
function logarithmOf(
  map: RealMap,
  start: Surface,
): { readonly surface: Surface; readonly left: number } | undefined {
  const total = scatter(map.data);
  let near = start;
  const found = depths.flatMap((depth) => {
    const undone = { shape: map.shape, data: map.data.map((value) => Math.expm1(depth * value)) };
    const surface = bestNear(near, targetOf(undone), models.gaussian, options)?.point.surface;
    if (surface === undefined) return [];
    near = surface;
    const sum = undone.data.reduce((partial, value) => partial + value, 0);
    const shares = gaussianMap(surface, map.shape).data;
    const rest = map.data.map((value, i) => value - Math.log1p(at(shares, i) * sum) / depth);
    return [{ surface, left: scatter(rest) / total }];
  });
  return found.toSorted((a, b) => a.left - b.left)[0];
}

/** Σ (value - mean)². */
function scatter(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}
