import type { Vector } from "../core/linear-algebra.ts";
import type { EstimateName } from "./estimates.ts";

/** A two-dimensional Gaussian in pixels: `amplitude` is its integral over the plane as a share of the map's sum. */
export interface Gaussian {
  readonly amplitude: number;
  readonly centerX: number;
  readonly centerY: number;
  /** Standard deviation along the columns, whatever the Gaussian's axes. */
  readonly sigmaX: number;
  readonly sigmaY: number;
}

/** The five numbers that every model has. */
export const gaussianCoordinates = [
  "amplitude",
  "centerX",
  "centerY",
  "sigmaX",
  "sigmaY",
] as const satisfies (keyof Gaussian)[];

/** What every model is a case of: a Gaussian that may be tilted, on a constant. */
export interface Surface extends Gaussian {
  /** Correlation of x and y under the Gaussian: 0 where its axes are the map's. It is regular where an angle is not. */
  readonly rho: number;
  /** Under the Gaussian, a share of the map's sum per pixel. */
  readonly background: number;
}
export type Coordinate = keyof Surface;

/** A model as data: everything that the solver, the starts and the report need to know of it. */
export interface Model {
  readonly summary: string;
  /** The free parameters: each moves these coordinates of the surface together; the others keep `upright`'s values. */
  readonly free: readonly (readonly Coordinate[])[];
  /** What a fit reports. */
  readonly estimates: readonly EstimateName[];
}

/** The coordinates that a model may leave out. */
const upright = { rho: 0, background: 0 } as const;

export const surfaceFrom = (gaussian: Gaussian & Partial<Surface>): Surface => ({ ...upright, ...gaussian });

export function surfaceOf({ free }: Model, vector: Vector): Surface {
  const at = (coordinate: Coordinate, fixed: number): number => {
    const place = free.findIndex((moved) => moved.includes(coordinate));
    return place < 0 ? fixed : (vector[place] ?? Number.NaN);
  };
  return {
    amplitude: at("amplitude", Number.NaN),
    centerX: at("centerX", Number.NaN),
    centerY: at("centerY", Number.NaN),
    sigmaX: at("sigmaX", Number.NaN),
    sigmaY: at("sigmaY", Number.NaN),
    rho: at("rho", upright.rho),
    background: at("background", upright.background),
  };
}

/** The free parameters of a surface; where one moves several coordinates, their mean. */
export const vectorOf = ({ free }: Model, surface: Surface): Vector =>
  free.map((moved) => moved.reduce((sum, coordinate) => sum + surface[coordinate], 0) / moved.length);

/** Height of the Gaussian at its center, over the background. */
export const peakOf = ({ amplitude, sigmaX, sigmaY, rho }: Surface): number =>
  amplitude / (2 * Math.PI * sigmaX * sigmaY * Math.sqrt(1 - rho * rho));

/** The size in which a step along a coordinate is counted: lengths in sigmas, heights in the Gaussian's own. */
export const units: Readonly<Record<Coordinate, (surface: Surface) => number>> = {
  amplitude: ({ amplitude }) => amplitude,
  centerX: ({ sigmaX }) => sigmaX,
  centerY: ({ sigmaY }) => sigmaY,
  sigmaX: ({ sigmaX }) => sigmaX,
  sigmaY: ({ sigmaY }) => sigmaY,
  rho: ({ rho }) => 1 - rho * rho,
  background: peakOf,
};
