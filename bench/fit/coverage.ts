/**
 * node bench/run.js bench/fit/coverage.ts [experiments]: how often the 95 % intervals hold the truth, in simulations whose
 * truth is known: the fit of the map that infinitely many photographs would give.
 */
import { fitMap } from "../../src/fit/fit.ts";
import { fitBlocks } from "../../src/fit/jackknife.ts";
import { gaussianCoordinates as quantities } from "../../src/fit/model.ts";
import type { GaussianFit, Interval } from "../../src/fit/result.ts";
import { blocksOf, populationMap, type Subject } from "./photographs.ts";
import { scenarios, type Scenario } from "./scenarios.ts";

const model: Subject = { side: 48, centerX: 23.3, centerY: 24.6, sigmaX: 8, sigmaY: 6.5 };
const photographs = 200;
const blocks = 20;
const experiments = Number(process.argv[2] ?? 400);
type Quantity = (typeof quantities)[number];

function fitOf(fit: GaussianFit | null): GaussianFit {
  if (fit === null) throw new Error("a simulated map has no fit");
  return fit;
}

/** Whether the interval over photographs, and that of lmfit's standard error over pixels, hold the truth. */
interface Held {
  readonly photographs: boolean;
  readonly pixels: boolean;
}

function experiment(scenario: Scenario, truth: GaussianFit, seed: number): Record<Quantity, Held> {
  const fit = fitOf(fitBlocks(blocksOf(model, scenario, { count: photographs, blocks, seed })).fit);
  const held = (quantity: Quantity): Held => {
    const { value, standardError, interval95 } = fit[quantity];
    const expected = truth[quantity].value;
    const holds = ([low, high]: Interval): boolean => low <= expected && expected <= high;
    const half = 1.96 * standardError;
    return { photographs: holds(interval95), pixels: holds([value - half, value + half]) };
  };
  return {
    amplitude: held("amplitude"),
    centerX: held("centerX"),
    centerY: held("centerY"),
    sigmaX: held("sigmaX"),
    sigmaY: held("sigmaY"),
  };
}

const percent = (share: number): string => (100 * share).toFixed(1).padStart(5);

console.log(
  `${experiments} experiments of ${photographs} photographs in ${blocks} blocks; shares of intervals that hold the truth, %`,
);
console.log(
  ["scenario".padEnd(12), "R²  ", "interval".padEnd(17), ...quantities.map((name) => name.padStart(9))].join(
    " ",
  ),
);
for (const [name, scenario] of Object.entries(scenarios)) {
  const truth = fitOf(fitMap(populationMap(model, scenario, 100_000)).fit);
  const results = Array.from({ length: experiments }, (_, i) => experiment(scenario, truth, 1000 + i));
  for (const source of ["photographs", "pixels"] as const) {
    const shares = quantities.map(
      (quantity) => results.filter((result) => result[quantity][source]).length / experiments,
    );
    const label = source === "photographs" ? "jackknife, K = 20" : "lmfit's 1.96 SE";
    console.log(
      [
        name.padEnd(12),
        truth.rSquared.toFixed(2),
        label.padEnd(17),
        ...shares.map((share) => percent(share).padStart(9)),
      ].join(" "),
    );
  }
}
