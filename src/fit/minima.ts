import { inDomain } from "./geometry.ts";
import type { Grid, Target } from "./grid.ts";
import { descend, stepLength } from "./levenberg-marquardt.ts";
import type { Model, Surface } from "./model.ts";
import { finishBeyondSaddles, type Minimum } from "./newton.ts";
import { objective, type Point } from "./objective.ts";
import type { FitOptions } from "./result.ts";
import { startFrom, starts, type Alternatives } from "./starts.ts";

export interface Minima {
  /** Distinct minima in the domain, best first. */
  readonly minima: readonly Minimum[];
  /** The lowest sum of squares met outside the domain. */
  readonly outside: Point | undefined;
}

/** How near (in sigmas) two ends of the search must be to be finished once, and two minima to be one. */
const near = { search: 0.3, minimum: 1e-3 } as const;
const mostFinished = 5;

interface Candidate {
  readonly point: Point;
  readonly iterations: number;
}

/** All minima that the starts lead to: searched on the binned map, the distinct ones finished on the full one. */
export function findMinima(target: Target, model: Model, options: FitOptions): Minima {
  const { full, squares, scatter } = target;
  const evaluate = objective(model, full);
  const ends = search(model, target, options).flatMap(({ point, iterations }) => {
    const onFull = evaluate(point.vector);
    return onFull ? [{ point: onFull, iterations }] : [];
  });
  const inside = ({ point }: Candidate): boolean => inDomain(point.surface, full);
  /** An end as bad as no Gaussian at all is too far from the map to descend. */
  const onConstant = model.free.some((moved) => moved.includes("background"));
  const withoutGaussian = (onConstant ? scatter : squares) * (1 - 1e-12);
  const promising = ends.filter((end) => inside(end) && end.point.sumOfSquares < withoutGaussian);
  const finished = distinct(promising, near.search)
    .slice(0, mostFinished)
    .flatMap(({ point, iterations }) =>
      finishBeyondSaddles(evaluate, point, options).map((minimum) => ({
        ...minimum,
        iterations: iterations + minimum.iterations,
      })),
    );
  const [outside] = [...ends, ...finished].filter((end) => !inside(end)).sort(bySumOfSquares);
  return { minima: distinct(finished.filter(inside), near.minimum), outside: outside?.point };
}

/**
 * The best minimum of a model close to a surface that another one found, or to the map's peak: it shows how much depends on
 * the model. A few descents; it may miss what `findMinima` finds.
 */
export function bestNear(
  surface: Surface,
  target: Target,
  model: Model,
  options: FitOptions,
): Minimum | undefined {
  const { full } = target;
  const evaluate = objective(model, full);
  const near = (grid: Grid): Alternatives[] => [[surface], ...starts.peaks(grid).slice(0, 1)];
  const [best] = search(model, target, options, near).filter(({ point }) => inDomain(point.surface, full));
  const start = best && evaluate(best.point.vector);
  const ends = start ? finishBeyondSaddles(evaluate, start, { ...options, relativeOffset: 1e-3 }) : [];
  return ends.toSorted(bySumOfSquares)[0];
}

const everyStart = (grid: Grid): Alternatives[] => Object.values(starts).flatMap((start) => start(grid));

/** Where the starts end on the binned map. */
function search(
  model: Model,
  { full, coarse }: Target,
  options: FitOptions,
  from: (grid: Grid) => readonly Alternatives[] = everyStart,
): Candidate[] {
  const evaluate = objective(model, coarse);
  const limits = {
    maxIterations: options.maxIterations,
    relativeOffset: 0.1,
    step: 1e-2,
    inDomain: ({ surface }: Point) => inDomain(surface, full),
  };
  const ends: Candidate[] = [];
  const isKnown = (point: Point): boolean => ends.some((end) => stepLength(end.point, point) < near.search);
  for (const alternatives of from(coarse)) {
    const [start] = alternatives
      .flatMap((outline) => startFrom(outline, model, evaluate) ?? [])
      .filter(limits.inDomain)
      .sort((a, b) => a.sumOfSquares - b.sumOfSquares);
    const end = start && descend(evaluate, start, { ...limits, isKnown });
    if (end && !isKnown(end.point)) ends.push(end);
  }
  return distinct(ends, near.search);
}

/** Best first, without those that repeat a better one. */
function distinct<C extends Candidate>(candidates: readonly C[], tolerance: number): C[] {
  const kept: C[] = [];
  for (const candidate of candidates.toSorted(bySumOfSquares)) {
    if (!kept.some(({ point }) => stepLength(point, candidate.point) < tolerance)) kept.push(candidate);
  }
  return kept;
}

const bySumOfSquares = (a: Candidate, b: Candidate): number => a.point.sumOfSquares - b.point.sumOfSquares;
