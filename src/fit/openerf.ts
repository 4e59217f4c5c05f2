import { inner, symmetric, type Vector } from "../core/linear-algebra.ts";
import { at } from "../core/required.ts";
import type { RealMap } from "../core/tensor.ts";
import { describe } from "./description.ts";
import { diagnose, type Diagnostic } from "./diagnostics.ts";
import { fitDiagnostics, type FitEvidence } from "./fit-diagnostics.ts";
import { pedestalUnder } from "./geometry.ts";
import type { Target } from "./grid.ts";
import {
  gaussianCoordinates as names,
  surfaceFrom,
  vectorOf,
  models,
  type Gaussian,
  type Surface,
} from "./model.ts";
import { objective } from "./objective.ts";
import { fittedSurface, type GaussianFit, type FitOptions, type FitResult } from "./result.ts";
import { gaussianMap, residualOf } from "./surface.ts";
import { trustRegion, type Linearized, type Stop } from "./trust-region.ts";

/** A parameter between bounds: the fit moves an inner number, which is free. */
interface Bound {
  readonly inner: (value: number) => number;
  readonly value: (inner: number) => number;
  readonly least: number;
  readonly most: number;
}

/** lmfit's transformations, which are MINUIT's (James & Roos 1975). At a bound the value's derivative is 0. */
const atLeast = (least: number): Bound => ({
  inner: (value) => Math.sqrt((value - least + 1) ** 2 - 1),
  value: (inner) => least - 1 + Math.sqrt(inner * inner + 1),
  least,
  most: Number.POSITIVE_INFINITY,
});

const between = (least: number, most: number): Bound => ({
  inner: (value) => Math.asin((2 * (value - least)) / (most - least) - 1),
  value: (inner) => least + ((Math.sin(inner) + 1) * (most - least)) / 2,
  least,
  most,
});

/** What OpenERF's fit of a map ends with. */
interface OpenErfEnd {
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
function fitAsOpenErf(map: RealMap): OpenErfEnd {
  const bounds = boundsOf(map.shape);
  const start = startOf(map.shape);
  const surfaceAt = (inner: Vector): Surface => {
    const value = (name: keyof Gaussian): number => bounds[name].value(at(inner, names.indexOf(name)));
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
  const mapAt = (moved: Vector): Float64Array => gaussianMap(surfaceAt(moved), map.shape).data;
  const here = mapAt(vector);
  const residual = map.data.map((value, i) => value - at(here, i));
  const columns = vector.map((value, i) => {
    const step = lmfit.difference * Math.abs(value) || lmfit.difference;
    const there = mapAt(vector.map((other, j) => (j === i ? other + step : other)));
    return there.map((height, pixel) => (height - at(here, pixel)) / step);
  });
  return {
    length: lengthOf(residual),
    normal: symmetric(columns.length, (i, j) => inner(at(columns, i), at(columns, j))),
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

interface OpenErfEvidence extends FitEvidence {
  /** erfit's fit of the same map. */
  readonly optimum: GaussianFit | null;
}

/** Beyond what OpenERF's tolerances explain (3e-4 of sigma). */
const astray = 0.01;

const openErfDiagnostics: readonly Diagnostic<OpenErfEvidence>[] = [
  {
    code: "ON_BOUND",
    message: ({ fit }) =>
      fit?.openerf && fit.openerf.onBound.length > 0
        ? `OpenERF's fit ends on a bound (${fit.openerf.onBound.join(", ")}) and calls it a success: neither its values nor its ` +
          "errors mean anything. Use the default fit."
        : undefined,
  },
  {
    code: "OFF_OPTIMUM",
    message: ({ fit, optimum }) =>
      fit && optimum && distance(fit, optimum) > astray
        ? `The least-squares optimum is elsewhere: sigma ${optimum.sigmaX.value.toPrecision(4)}, ${optimum.sigmaY.value.toPrecision(4)} ` +
          `px at ${optimum.centerX.value.toPrecision(4)}, ${optimum.centerY.value.toPrecision(4)}. Use the default fit.`
        : undefined,
  },
];

/** Largest difference of center and sigma, in the optimum's sigmas. */
function distance(fit: GaussianFit, optimum: GaussianFit): number {
  const [a, b] = [fittedSurface(fit), fittedSurface(optimum)];
  return Math.max(
    Math.abs(a.centerX - b.centerX) / b.sigmaX,
    Math.abs(a.centerY - b.centerY) / b.sigmaY,
    Math.abs(a.sigmaX / b.sigmaX - 1),
    Math.abs(a.sigmaY / b.sigmaY - 1),
  );
}

/**
 * The fit that OpenERF would report, even where erfit reports none: every diagnostic is a warning here. One of them
 * compares it with the `optimum`, erfit's own fit; where that is null, its reason is a warning too.
 */
export function fitLikeOpenErf(
  target: Target,
  theoreticalCenter: FitOptions["theoreticalCenter"],
  optimum: FitResult,
): FitResult {
  const { surface, iterations, stop, onBound } = fitAsOpenErf(target.full);
  const point = objective(models.gaussian, target.full)(vectorOf(models.gaussian, surface));
  const minimum = point && { point, iterations, converged: stop !== "iterations" };
  const described = minimum && describe(target, "gaussian", minimum, []);
  const fit = described && { ...described, openerf: { stop, onBound } };
  const { warnings } = diagnose(
    [...openErfDiagnostics, ...fitDiagnostics.map(({ code, message }) => ({ code, message }))],
    {
      shape: target.full.shape,
      surface,
      fit,
      peaks: [],
      armAcross: undefined,
      gainOverConstant: { found: Number.POSITIVE_INFINITY, byNoise: 0 },
      outside: undefined,
      onBackground: undefined,
      theoreticalCenter,
      pedestal: pedestalUnder(target, surface),
      optimum: optimum.fit,
    },
  );
  const given = new Set(warnings.map(({ code }) => code));
  const reasons = optimum.fit === null ? optimum.warnings.filter(({ code }) => !given.has(code)) : [];
  return { fit: fit ?? null, warnings: [...warnings, ...reasons] };
}
