import { inner, symmetric, type Vector } from "../core/linear-algebra.ts";
import type { RealMap } from "../core/tensor.ts";
import { atLeast, between, type Bound } from "./bounds.ts";
import { gaussianCoordinates as names, surfaceFrom, type Gaussian, type Surface } from "./model.ts";
import { gaussianMap, residualOf } from "./surface.ts";
import { trustRegion, type Linearized, type Stop } from "./trust-region.ts";

/** What OpenERF's fit of a map ends with. */
export interface OpenErfEnd {
  readonly surface: Surface;
  readonly iterations: number;
  readonly stop: Stop;
  /** Parameters that ended on a bound. OpenERF takes such a fit for a success. */
  readonly onBound: readonly (keyof Gaussian)[];
}

/** OpenERF 0.6.1, `openerf/fit.py`. */
const startOf = ([height, width]: RealMap["shape"]): Gaussian => ({
  amplitude: 2,
  centerX: (0.8 * (width - 1)) / 2,
  centerY: (0.8 * (height - 1)) / 2,
  sigmaX: Math.max(width / 10, 1e-3) / 1.5,
  sigmaY: Math.max(height / 6, 1e-3) / 1.5,
});

const boundsOf = ([height, width]: RealMap["shape"]): Readonly<Record<keyof Gaussian, Bound>> => ({
  amplitude: atLeast(0),
  centerX: between(0, width - 1),
  centerY: between(0, height - 1),
  sigmaX: atLeast(1e-6),
  sigmaY: atLeast(1e-6),
});

/** lmfit 1.3.4's defaults for `leastsq`: its tolerances, and the step of its forward differences, √1e-10. */
const lmfit = { tolerance: 1.5e-8, difference: 1e-5, evaluations: 12_000 } as const;

/**
 * OpenERF's fit of a map that sums to 1: its start, its bounds, lmfit's transformation of them, forward differences, and
 * MINPACK's stop. It ends up to 3e-4 of sigma from the least-squares optimum, or on a bound, or beside a narrow peak that
 * its start does not see: that is what it is here to show.
 */
export function fitAsOpenErf(map: RealMap): OpenErfEnd {
  const bounds = boundsOf(map.shape);
  const start = startOf(map.shape);
  const surfaceAt = (inner: Vector): Surface => {
    const value = (name: keyof Gaussian): number =>
      bounds[name].value(inner[names.indexOf(name)] ?? Number.NaN);
    return surfaceFrom({
      amplitude: value("amplitude"),
      centerX: value("centerX"),
      centerY: value("centerY"),
      sigmaX: value("sigmaX"),
      sigmaY: value("sigmaY"),
    });
  };
  const lengthAt = (vector: Vector): number => lengthOf(residualOf(map, surfaceAt(vector)).data);
  const end = trustRegion({
    start: names.map((name) => bounds[name].inner(start[name])),
    lengthAt,
    linearized: (vector) => linearized(map, surfaceAt, vector),
    tolerance: lmfit.tolerance,
    maxIterations: lmfit.evaluations / (names.length + 1),
  });
  const surface = surfaceAt(end.vector);
  return {
    surface,
    iterations: end.iterations,
    stop: end.stop,
    onBound: names.filter((name) => isOn(bounds[name], surface[name])),
  };
}

/** JᵀJ and downhill by forward differences of the surface. */
function linearized(map: RealMap, surfaceAt: (vector: Vector) => Surface, vector: Vector): Linearized {
  const at = (moved: Vector): Float64Array => gaussianMap(surfaceAt(moved), map.shape).data;
  const here = at(vector);
  const residual = map.data.map((value, i) => value - (here[i] ?? 0));
  const columns = vector.map((value, i) => {
    const step = lmfit.difference * Math.abs(value) || lmfit.difference;
    const there = at(vector.map((other, j) => (j === i ? other + step : other)));
    return there.map((height, pixel) => (height - (here[pixel] ?? 0)) / step);
  });
  const along = (a: Float64Array | undefined, b: Float64Array | undefined): number =>
    a && b ? inner(a, b) : 0;
  return {
    length: lengthOf(residual),
    normal: symmetric(columns.length, (i, j) => along(columns[i], columns[j])),
    downhill: columns.map((column) => inner(column, residual)),
  };
}

const lengthOf = (residual: Float64Array): number => Math.sqrt(inner(residual, residual));

/** How near a bound counts as on it, in map sizes: the transformations approach it and never stop there. */
const touching = 1e-6;

const isOn = ({ least, most }: Bound, value: number): boolean => {
  const margin = touching * (Number.isFinite(most) ? most - least : 1);
  return value - least <= margin || most - value <= margin;
};
