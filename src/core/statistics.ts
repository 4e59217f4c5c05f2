/**
 * Two-sided quantile of Student's t: the t with P(|T| <= t) = `probability`, for a whole number of degrees of freedom.
 * The distribution function is a finite trigonometric series in θ = atan(t / √ν) (Abramowitz & Stegun 26.7.3-4), and
 * concave in θ, so Newton's iteration from 0 rises to the quantile without overshooting.
 */
export function studentQuantile(probability: number, degreesOfFreedom: number): number {
  if (!Number.isInteger(degreesOfFreedom) || degreesOfFreedom < 1 || !(probability > 0 && probability < 1))
    return Number.NaN;
  let theta = 0;
  for (let iteration = 0; iteration < 100; iteration++) {
    const { share, slope } = centralShare(theta, degreesOfFreedom);
    const step = (probability - share) / slope;
    theta += step;
    if (!(step > 1e-15 * theta)) break;
  }
  return Math.sqrt(degreesOfFreedom) * Math.tan(theta);
}

/**
 * p-values adjusted for their number (Holm 1979): the chance of even one false difference among all stays below the level.
 * NaN where there was no test, which counts for none.
 */
export function holm(pValues: readonly number[]): readonly number[] {
  const tests = pValues.flatMap((p, place) => (Number.isNaN(p) ? [] : [{ p, place }]));
  const adjusted = pValues.map(() => Number.NaN);
  let least = 0;
  for (const [rank, { p, place }] of tests.sort((a, b) => a.p - b.p).entries()) {
    least = Math.max(least, Math.min(1, (tests.length - rank) * p));
    adjusted[place] = least;
  }
  return adjusted;
}

/** P(|T| <= √ν tan θ), and its derivative by θ. */
function centralShare(theta: number, degreesOfFreedom: number): { share: number; slope: number } {
  const sine = Math.sin(theta);
  const cosine = Math.cos(theta);
  const odd = degreesOfFreedom % 2 === 1;
  if (degreesOfFreedom === 1) return { share: (2 / Math.PI) * theta, slope: 2 / Math.PI };
  let term = odd ? cosine : 1;
  let sum = term;
  for (let k = odd ? 3 : 2; k < degreesOfFreedom; k += 2) {
    term *= ((k - 1) / k) * cosine * cosine;
    sum += term;
  }
  const scale = odd ? 2 / Math.PI : 1;
  return {
    share: scale * ((odd ? theta : 0) + sine * sum),
    slope: scale * (degreesOfFreedom - 1) * term * cosine,
  };
}
