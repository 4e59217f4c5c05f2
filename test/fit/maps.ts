import { readFileSync } from "node:fs";
import { normalized } from "../../src/fit/grid.ts";
import type { Gaussian, Surface } from "../../src/fit/model.ts";
import { fittedSurface, type GaussianFit } from "../../src/fit/result.ts";
import { residualOf } from "../../src/fit/surface.ts";
import { readMap } from "../../src/core/npy.ts";
import type { RealMap } from "../../src/core/tensor.ts";
import { z } from "zod";
import { bundled, readJson, reference, referencePath } from "../reference.ts";

/** Marsaglia-style 32-bit generator "mulberry32", uniform in [0, 1): the noise of `s16_large1024`. */
export function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A standard normal generator from a uniform one (Box & Muller 1958). */
export const normal = (uniform: () => number) => (): number =>
  Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());

export function mapOf(height: number, width: number, at: (x: number, y: number) => number): RealMap {
  const data = Float64Array.from({ length: height * width }, (_, i) => at(i % width, Math.floor(i / width)));
  return { shape: [height, width], data };
}

/** The Gaussian, written out pixel by pixel: nothing here is shared with the code under test. */
export const gaussianAt =
  ({ amplitude, centerX, centerY, sigmaX, sigmaY, rho = 0, background = 0 }: Gaussian & Partial<Surface>) =>
  (x: number, y: number): number => {
    const [u, v] = [(x - centerX) / sigmaX, (y - centerY) / sigmaY];
    const across = 1 - rho ** 2;
    const peak = amplitude / (2 * Math.PI * sigmaX * sigmaY * Math.sqrt(across));
    return background + peak * Math.exp(-(u * u - 2 * rho * u * v + v * v) / (2 * across));
  };

/** What the fit leaves of a map: the map divided by its sum, less the fitted surface. */
export const residual = (map: RealMap, fit: GaussianFit): RealMap =>
  residualOf(normalized(map), fittedSurface(fit));

const manifest = z.object({ maps: z.record(z.string(), z.unknown()) });
const recordsIn = (file: string) => manifest.parse(readJson(file)).maps;
const synthetic = recordsIn(bundled("test/fixtures/fits/fits.json"));

/**
 * What other fitters found in each map of the reference (`test/fixtures/README.md`): the synthetic maps are bundled, the
 * measured ones are OpenERF's and only there with the reference data.
 */
export const referenceFits: Readonly<Record<string, unknown>> =
  reference === undefined ? synthetic : { ...recordsIn(referencePath("fits", "fits.json")), ...synthetic };

/** The file of a map of the reference; `s16_large1024` has none. */
export const referenceMapPath = (name: string): string =>
  name in synthetic ? bundled(`test/fixtures/fits/${name}.npy`) : referencePath("fits", `${name}.npy`);

export const referenceMap = (name: string): RealMap =>
  name === "s16_large1024" ? largeMap() : readMap(readFileSync(referenceMapPath(name)), name);

/** `s16_large1024` of the reference, by its description. */
export function largeMap(): RealMap {
  const truth = { amplitude: 1, centerX: 500.7, centerY: 523.2, sigmaX: 171, sigmaY: 143 };
  const peak = 1 / (2 * Math.PI * truth.sigmaX * truth.sigmaY);
  const uniform = mulberry32(12345);
  const surface = gaussianAt(truth);
  return mapOf(1024, 1024, (x, y) => surface(x, y) + ((uniform() - 0.5) * Math.sqrt(12) * peak) / 10);
}

/** Largest difference from the values given: lengths in sigmas, the amplitude in itself, the background in peaks. */
export function farthest(found: Gaussian & Partial<Surface>, expected: Gaussian & Partial<Surface>): number {
  const { amplitude, centerX, centerY, sigmaX, sigmaY, rho = 0, background = 0 } = expected;
  const peak = amplitude / (2 * Math.PI * sigmaX * sigmaY);
  return Math.max(
    Math.abs(found.amplitude - amplitude) / amplitude,
    Math.abs(found.centerX - centerX) / sigmaX,
    Math.abs(found.centerY - centerY) / sigmaY,
    Math.abs(found.sigmaX - sigmaX) / sigmaX,
    Math.abs(found.sigmaY - sigmaY) / sigmaY,
    Math.abs((found.rho ?? 0) - rho),
    Math.abs((found.background ?? 0) - background) / peak,
  );
}
