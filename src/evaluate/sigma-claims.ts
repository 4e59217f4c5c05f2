import type { Estimate } from "./evaluation.ts";
import { likeGradCam, widthOf, type SigmaSweep, type SweepPoint, type SweptTest } from "./sigma-sweep.ts";

/** What the photographs say of a claim. */
type Verdict = "supported" | "not refuted" | "refuted";

export interface Answer {
  readonly claim: string;
  readonly verdict: Verdict;
  /** The numbers that it rests on, in a sentence. */
  readonly words: string;
}

interface Claim {
  readonly claim: string;
  readonly answer: (sweep: SigmaSweep) => readonly Omit<Answer, "claim">[];
}

/** What Kim et al. 2021 say of sigma, and how a sweep answers. */
const sigmaClaims = {
  "calibrated is best": {
    claim: "the calibrated sigma is the best one",
    answer: ({ tests }) => tests.map(calibratedIsBest),
  },
  "20 px is like Grad-CAM": {
    claim: `a sigma of ${likeGradCam} px resembles Grad-CAM`,
    answer: (sweep) => [...likestMap(sweep), ...sweep.tests.flatMap((test) => likestDrop(sweep, test))],
  },
} as const satisfies Record<string, Claim>;

export const answersOf = (sweep: SigmaSweep): readonly Answer[] =>
  Object.values<Claim>(sigmaClaims).flatMap(({ claim, answer }) =>
    answer(sweep).map((one) => ({ claim, ...one })),
  );

function calibratedIsBest({ test, best, calibratedLessBest }: SweptTest): Omit<Answer, "claim"> {
  const { point, widths } = best;
  const where = `${test}: the lowest Drop is at ${pixels(widthOf(point))} (95 % of the resamples: ${range(widths)})`;
  if (calibratedLessBest === null) {
    const certain = widths[0] === widths[1];
    return {
      verdict: certain ? "supported" : "not refuted",
      words: `${where}, the calibrated one${certain ? "" : ", but other widths of the sweep may be as good"}`,
    };
  }
  const { value, interval, separated } = calibratedLessBest;
  const more = `the calibrated one drops ${value.toFixed(1)} points more [${ends(interval)}]`;
  return separated
    ? { verdict: "refuted", words: `${where}; ${more}, by more than chance` }
    : { verdict: "not refuted", words: `${where}; ${more}, which chance explains` };
}

/** By the maps: the width whose pixels correlate best with Grad-CAM's. */
function likestMap({
  points,
  likeness: { correlations, best },
}: SigmaSweep): readonly Omit<Answer, "claim">[] {
  const at = indexOf20(points);
  const own = correlations[at];
  const highest = correlations[points.indexOf(best.point)];
  if (own === undefined || highest === undefined) return [];
  const [low, high] = best.widths;
  const inside = low <= likeGradCam && likeGradCam <= high;
  const words = `maps: at ${likeGradCam} px the correlation with Grad-CAM, bilinear, is ${correlation(own)}; the highest is ${correlation(highest)} at ${pixels(widthOf(best.point))} (95 % of the resamples: ${range(best.widths)})`;
  return [{ verdict: inside ? (low === high ? "supported" : "not refuted") : "refuted", words }];
}

/** By a metric: whether the Drop at 20 px is Grad-CAM's, and whether some other width comes nearer. */
function likestDrop(
  { points }: SigmaSweep,
  { test, lessGradCam }: SweptTest,
): readonly Omit<Answer, "claim">[] {
  const own = lessGradCam[indexOf20(points)];
  if (own === undefined) return [];
  const nearest = lessGradCam.reduce((a, b) => (Math.abs(b.value) < Math.abs(a.value) ? b : a));
  const width = points.find(({ column }) => column === nearest.a);
  const words = `${test}: at ${likeGradCam} px the Drop differs from that of Grad-CAM, bilinear, by ${own.value.toFixed(1)} points [${ends(own.interval)}]; the nearest is ${width === undefined ? "none" : pixels(widthOf(width))} with ${nearest.value.toFixed(1)}`;
  if (own.separated) return [{ verdict: "refuted", words }];
  return [{ verdict: nearest === own ? "supported" : "not refuted", words }];
}

const indexOf20 = (points: readonly SweepPoint[]): number =>
  points.findIndex(({ sigmaX, sigmaY }) => sigmaX === likeGradCam && sigmaY === likeGradCam);

const pixels = (width: number): string => `${width.toFixed(1)} px`;
const range = ([low, high]: readonly [number, number]): string =>
  low === high ? pixels(low) : `${low.toFixed(1)} to ${pixels(high)}`;
const ends = (interval: Estimate["interval"]): string => interval.map((end) => end.toFixed(1)).join(", ");
const correlation = ({ value, interval }: Estimate): string =>
  `${value.toFixed(3)} [${interval.map((end) => end.toFixed(3)).join(", ")}]`;
