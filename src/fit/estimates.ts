import type { Coordinate, Surface } from "./model.ts";

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
  /** Half the difference of the variances: 0 for a round Gaussian, whose angle is nowhere. */
  readonly radius: number;
}

/** Eigenvalues and angle of the covariance matrix (Mohr's circle). */
function axesOf({ sigmaX, sigmaY, rho }: Surface): Axes {
  const mixed = rho * sigmaX * sigmaY;
  const half = ((sigmaX - sigmaY) * (sigmaX + sigmaY)) / 2;
  const radius = Math.hypot(half, mixed);
  const major = (sigmaX ** 2 + sigmaY ** 2) / 2 + radius;
  const minor = ((sigmaX * sigmaY) ** 2 * (1 - rho * rho)) / major;
  const double = Math.atan2(mixed, half);
  return {
    major,
    minor,
    angle: double === -Math.PI ? Math.PI / 2 : double / 2,
    cosine: half / radius,
    sine: mixed / radius,
    radius,
  };
}

/** Gradient by the coordinates, of what is known by the variances' sum, their difference, and the covariance. */
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
