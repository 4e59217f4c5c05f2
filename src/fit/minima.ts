import { squaresAround } from "../math/statistics.ts";
import type { RealMap } from "../math/tensor.ts";
import { inDomain } from "./domain.ts";
import { binned, gridOf, type Grid } from "./grid.ts";
import { descend, stepLength } from "./levenberg-marquardt.ts";
import type { Model } from "./model.ts";
import { finish, type Minimum } from "./newton.ts";
import type { FitOptions } from "./options.ts";
import { objective, type Point } from "./point.ts";
import { starts, withAmplitude } from "./starts.ts";

export interface Minima {
  /** Distinct minima in the domain, best first. */
  readonly minima: readonly Minimum[];
  /** The lowest sum of squares met outside the domain. */
  readonly outside: Point | undefined;
}

/** The search runs on a map binned to about this many pixels a side: 16 times fewer pixels at 224 x 224. */
const searchSize = 64;
/** How near (in sigmas) two ends of the search must be to be finished once, and two minima to be one. */
const near = { search: 0.1, minimum: 1e-3 } as const;
const mostFinished = 5;

interface Candidate {
  readonly point: Point;
  readonly iterations: number;
}

/** All minima that the starts lead to: searched on the binned map, the distinct ones finished on the full one. */
export function findMinima(map: RealMap, model: Model, options: FitOptions): Minima {
  const full = gridOf(map);
  const evaluate = objective(model, full);
  const ends = search(model, full, options).flatMap(({ point, iterations }) => {
    const onFull = evaluate(point.vector);
    return onFull ? [{ point: onFull, iterations }] : [];
  });
  const inside = ({ point }: Candidate): boolean => inDomain(point.gaussian, map);
  /** An end as bad as no Gaussian at all does not see the map. */
  const blank = squaresAround(map.data, 0) * (1 - 1e-12);
  const hopeful = ends.filter((end) => inside(end) && end.point.sumOfSquares < blank);
  const finished = distinct(hopeful, near.search)
    .slice(0, mostFinished)
    .map(({ point, iterations }) => {
      const minimum = finish(evaluate, point, options);
      return { ...minimum, iterations: iterations + minimum.iterations };
    });
  const [outside] = [...ends, ...finished].filter((end) => !inside(end)).sort(bySumOfSquares);
  return { minima: distinct(finished.filter(inside), near.minimum), outside: outside?.point };
}

/** Where the starts end on the binned map. */
function search(model: Model, full: Grid, options: FitOptions): Candidate[] {
  const coarse = binned(full, Math.ceil(Math.max(...full.shape) / searchSize));
  const evaluate = objective(model, coarse);
  const limits = {
    maxIterations: options.maxIterations,
    relativeOffset: 3e-2,
    step: 1e-4,
    inDomain: ({ gaussian }: Point) => inDomain(gaussian, full),
  };
  const outlines = Object.values(starts).flatMap((start) => start(coarse));
  const ends = outlines.flatMap((outline) => {
    const start = evaluate(model.toVector(withAmplitude(outline, coarse)));
    return start ? [descend(evaluate, start, limits)] : [];
  });
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
