import { dot, line, text, type Markish } from "@observablehq/plot";

/** A Gaussian's center and widths, in pixels of the map, and how it is tilted. */
export interface Ellipse {
  readonly centerX: number;
  readonly centerY: number;
  readonly sigmaX: number;
  readonly sigmaY: number;
  /** Correlation of x and y. */
  readonly rho: number;
}

/** So far apart, the letters at the tops of the two ellipses do not touch. */
const leastBetweenLabels = 12;

/**
 * The ellipses at 1 sigma (solid) and 2 sigma (dashed) and a cross at the center, edged to show on light and dark.
 * They are the unit circle under the covariance's Cholesky factor, and touch the lines at ± sigma along both axes.
 * @param unit width of a pixel in units of the figure: small ellipses have a small cross, and one label
 */
export function ellipseMarks({ centerX, centerY, sigmaX, sigmaY, rho }: Ellipse, unit = 1): Markish[] {
  const across = Math.sqrt(1 - rho * rho);
  const outline = (sigmas: number): [number, number][] =>
    Array.from({ length: 181 }, (_, i) => {
      const angle = (i * Math.PI) / 90;
      const [u, v] = [Math.cos(angle), Math.sin(angle)];
      return [centerX + sigmas * sigmaX * u, centerY + sigmas * sigmaY * (rho * u + across * v)];
    });
  const labeled = unit * sigmaY < leastBetweenLabels ? [2] : [1, 2];
  return [
    ...[1, 2].flatMap((sigmas) => [
      line(outline(sigmas), { stroke: "black", strokeWidth: 2.4, strokeOpacity: 0.5, clip: "frame" }),
      line(outline(sigmas), {
        ariaDescription: `${sigmas}-sigma ellipse`,
        stroke: "white",
        strokeWidth: 1.2,
        clip: "frame",
        ...(sigmas === 2 ? { strokeDasharray: "4 3" } : {}),
      }),
      text(labeled.includes(sigmas) ? [`${sigmas}σ`] : [], {
        x: centerX - sigmas * sigmaX * rho,
        y: centerY - sigmas * sigmaY,
        dy: -6,
        clip: "frame",
        fontSize: 9,
        fill: "white",
        stroke: "black",
        strokeWidth: 2,
        strokeOpacity: 0.5,
      }),
    ]),
    dot([0], {
      ariaDescription: "center",
      x: centerX,
      y: centerY,
      symbol: "times",
      r: Math.min(3.5, 0.5 * unit * Math.min(sigmaX, sigmaY)),
      stroke: "black",
      strokeWidth: 1.4,
    }),
  ];
}
