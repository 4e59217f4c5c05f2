import type { Vector } from "../core/linear-algebra.ts";
import { at, required } from "../core/required.ts";

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
  /** Correlation of x and y under the Gaussian: 0 where its axes are the map's. Unlike an angle it is regular everywhere. */
  readonly rho: number;
  /** Under the Gaussian, a share of the map's sum per pixel. */
  readonly background: number;
}
export type Coordinate = keyof Surface;

/** The coordinates that a model may leave out. */
const defaults = { rho: 0, background: 0 } as const;

export const surfaceFrom = (gaussian: Gaussian & Partial<Surface>): Surface => ({ ...defaults, ...gaussian });

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

/** A number that a fit reports: a function of the surface, and its gradient, which carries the uncertainty over. */
interface Quantity {
  readonly meaning: string;
  readonly value: (surface: Surface) => number;
  readonly gradient: (surface: Surface) => Readonly<Partial<Record<Coordinate, number>>>;
}

const coordinate = (name: Coordinate, meaning: string): Quantity => ({
  meaning,
  value: (surface) => surface[name],
  gradient: () => ({ [name]: 1 }),
});

/** Everything that a fit may report; lengths in pixels, x the column and y the row from 0, pixel centers at whole numbers. */
export const estimates = {
  amplitude: coordinate("amplitude", "integral of the Gaussian over the plane, as a share of the map's sum"),
  centerX: coordinate("centerX", "column of the center"),
  centerY: coordinate("centerY", "row of the center"),
  sigmaX: coordinate("sigmaX", "standard deviation along the columns"),
  sigmaY: coordinate("sigmaY", "standard deviation along the rows"),
  rho: coordinate("rho", "correlation of x and y under the Gaussian"),
  background: coordinate("background", "constant under the Gaussian, as a share of the map's sum per pixel"),
  sigmaMajor: {
    meaning: "standard deviation along the longer axis",
    value: (surface) => Math.sqrt(axesOf(surface).major),
    gradient: (surface) =>
      bySpread(surface, ({ major, cosine, sine }) => {
        const scale = 1 / (4 * Math.sqrt(major));
        return { sum: scale, difference: scale * cosine, mixed: 2 * scale * sine };
      }),
  },
  sigmaMinor: {
    meaning: "standard deviation along the shorter axis",
    value: (surface) => Math.sqrt(axesOf(surface).minor),
    gradient: (surface) =>
      bySpread(surface, ({ minor, cosine, sine }) => {
        const scale = 1 / (4 * Math.sqrt(minor));
        return { sum: scale, difference: -scale * cosine, mixed: -2 * scale * sine };
      }),
  },
  theta: {
    meaning: "angle of the longer axis, radians from +x towards +y, in (-π/2, π/2]",
    value: (surface) => axesOf(surface).angle,
    gradient: (surface) =>
      bySpread(surface, ({ cosine, sine, radius }) => ({
        sum: 0,
        difference: -sine / (4 * radius),
        mixed: cosine / (2 * radius),
      })),
  },
} as const satisfies Record<string, Quantity>;

export type EstimateName = keyof typeof estimates;

interface Axes {
  /** Variances along the axes. */
  readonly major: number;
  readonly minor: number;
  readonly angle: number;
  /** Of twice the angle. */
  readonly cosine: number;
  readonly sine: number;
  /** Half the difference of the variances: 0 for a round Gaussian, which has no angle. */
  readonly radius: number;
}

/** Eigenvalues and angle of the covariance matrix (Mohr's circle). */
function axesOf({ sigmaX, sigmaY, rho }: Surface): Axes {
  const mixed = rho * sigmaX * sigmaY;
  const half = ((sigmaX - sigmaY) * (sigmaX + sigmaY)) / 2;
  const radius = Math.hypot(half, mixed);
  const major = (sigmaX ** 2 + sigmaY ** 2) / 2 + radius;
  const minor = ((sigmaX * sigmaY) ** 2 * (1 - rho * rho)) / major;
  const doubled = Math.atan2(mixed, half);
  return {
    major,
    minor,
    angle: doubled === -Math.PI ? Math.PI / 2 : doubled / 2,
    cosine: half / radius,
    sine: mixed / radius,
    radius,
  };
}

/** Gradient by the coordinates from that by the variances' sum, their difference, and the covariance. */
function bySpread(
  surface: Surface,
  by: (axes: Axes) => { readonly sum: number; readonly difference: number; readonly mixed: number },
): Readonly<Partial<Record<Coordinate, number>>> {
  const { sigmaX, sigmaY, rho } = surface;
  const { sum, difference, mixed } = by(axesOf(surface));
  return {
    sigmaX: 2 * sigmaX * (sum + difference) + mixed * rho * sigmaY,
    sigmaY: 2 * sigmaY * (sum - difference) + mixed * rho * sigmaX,
    rho: mixed * sigmaX * sigmaY,
  };
}

/** A model as data: everything that the solver, the starts and the report need to know of it. */
export interface Model {
  readonly summary: string;
  /** The free parameters: each moves these coordinates of the surface together; the others keep their defaults. */
  readonly free: readonly (readonly [Coordinate, ...Coordinate[]])[];
  /** What a fit reports. */
  readonly estimates: readonly EstimateName[];
}

const centered = [["amplitude"], ["centerX"], ["centerY"]] as const;
const upright = [...centered, ["sigmaX"], ["sigmaY"]] as const;
const ellipse = ["rho", "sigmaMajor", "sigmaMinor", "theta"] as const;

/** The surfaces that a map can be fitted with. `gaussian` is OpenERF's and the paper's (Kim et al. 2021). */
export const models = {
  gaussian: {
    summary: "a Gaussian whose axes are the map's (OpenERF's)",
    free: upright,
    estimates: gaussianCoordinates,
  },
  "gaussian-background": {
    summary: "the Gaussian on a constant background",
    free: [...upright, ["background"]],
    estimates: [...gaussianCoordinates, "background"],
  },
  rotated: {
    summary: "a Gaussian with axes of its own",
    free: [...upright, ["rho"]],
    estimates: [...gaussianCoordinates, ...ellipse],
  },
  "rotated-background": {
    summary: "a Gaussian with axes of its own, on a constant background",
    free: [...upright, ["rho"], ["background"]],
    estimates: [...gaussianCoordinates, ...ellipse, "background"],
  },
  isotropic: {
    summary: "a round Gaussian: one sigma",
    free: [...centered, ["sigmaX", "sigmaY"]],
    estimates: gaussianCoordinates,
  },
} as const satisfies Record<string, Model>;

export type ModelName = keyof typeof models;

/** The same model on a background, where it has none. */
export const withBackground: Readonly<Partial<Record<ModelName, ModelName>>> = {
  gaussian: "gaussian-background",
  rotated: "rotated-background",
};

export function surfaceOf({ free }: Model, vector: Vector): Surface {
  const value = (coordinate: Coordinate, fixed?: number): number => {
    const place = free.findIndex((moved) => moved.includes(coordinate));
    return place < 0 ? required(fixed, coordinate) : at(vector, place, "parameter");
  };
  return {
    amplitude: value("amplitude"),
    centerX: value("centerX"),
    centerY: value("centerY"),
    sigmaX: value("sigmaX"),
    sigmaY: value("sigmaY"),
    rho: value("rho", defaults.rho),
    background: value("background", defaults.background),
  };
}

/** The free parameters of a surface; where one moves several coordinates, their mean. */
export const vectorOf = ({ free }: Model, surface: Surface): Vector =>
  free.map((moved) => moved.reduce((sum, coordinate) => sum + surface[coordinate], 0) / moved.length);
