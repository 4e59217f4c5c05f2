import { dot, line, text, type Markish, rect } from "@observablehq/plot";
import type { ReceptiveField } from "../../autodiff/receptive-field/receptive-field.ts";
import type { RealMap } from "../../core/tensor.ts";
import { short } from "../text.ts";

/** A Gaussian's center and widths, in pixels of the map, and how it is tilted. */
interface Ellipse {
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

const edges = ({ centerX, centerY, width, height }: ReceptiveField) => ({
  x1: centerX - width / 2,
  x2: centerX + width / 2,
  y1: centerY - height / 2,
  y2: centerY + height / 2,
});

/** Edges beyond the map stand just outside it: resvg dies of clipping what is far away. */
const within = (edge: number, extent: number): number => Math.min(Math.max(edge, -1.5), extent + 0.5);

/** The theoretical receptive field as a dotted frame, edged to show on light and dark; pixels of the map. */
export function fieldMarks(field: ReceptiveField, [height, width]: RealMap["shape"]): Markish[] {
  const { x1, x2, y1, y2 } = edges(field);
  if (!(x1 < width && x2 > -1 && y1 < height && y2 > -1)) return [];
  const frame = {
    x1: within(x1, width),
    x2: within(x2, width),
    y1: within(y1, height),
    y2: within(y2, height),
  };
  const styles = [
    { stroke: "black", strokeOpacity: 0.5, strokeWidth: 2.4 },
    { stroke: "white", strokeDasharray: "1.5 2.5", strokeWidth: 1.2 },
  ];
  return styles.map((style) =>
    rect([frame], {
      ...{ x1: "x1", x2: "x2", y1: "y1", y2: "y2", fill: "none", clip: "frame" },
      ariaDescription: "theoretical receptive field",
      ...style,
    }),
  );
}

/** The field as text, since its frame may lie outside the picture. */
export function fieldText(field: ReceptiveField | null, [height, width]: RealMap["shape"]): string {
  if (field === null) return "theoretical field: not known";
  const { x1, x2, y1, y2 } = edges(field);
  const seen = [x1 > -0.5, y1 > -0.5, x2 < width - 0.5, y2 < height - 0.5].some(Boolean);
  const size = `${short(field.width)} × ${short(field.height)} px`;
  return seen ? `dotted: theoretical field, ${size}` : `theoretical field: ${size}, the whole image`;
}
