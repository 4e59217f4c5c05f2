import { dot, line, text, type Markish, rect } from "@observablehq/plot";
import type { ReceptiveField } from "../../autodiff/receptive-field/receptive-field.ts";
import type { RealMap } from "../../core/tensor.ts";
import { short } from "../text.ts";
import { wholeOf, type Window } from "../window.ts";

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
 * @param window what is shown of the map, where it is a part
 * @param small whether the picture is one of many: thin lines, no letters
 */
export function ellipseMarks(
  { centerX, centerY, sigmaX, sigmaY, rho }: Ellipse,
  unit = 1,
  window?: Window,
  small = false,
): Markish[] {
  const across = Math.sqrt(1 - rho * rho);
  const outline = (sigmas: number): [number, number][] =>
    Array.from({ length: 181 }, (_, i) => {
      const angle = (i * Math.PI) / 90;
      const [u, v] = [Math.cos(angle), Math.sin(angle)];
      return near(
        [centerX + sigmas * sigmaX * u, centerY + sigmas * sigmaY * (rho * u + across * v)],
        window,
      );
    });
  const labeled = small ? [] : unit * sigmaY < leastBetweenLabels ? [2] : [1, 2];
  const weight = small ? 0.6 : 1.2;
  return [
    ...[1, 2].flatMap((sigmas) => [
      line(outline(sigmas), { stroke: "black", strokeWidth: 2 * weight, strokeOpacity: 0.5, clip: "frame" }),
      line(outline(sigmas), {
        ariaDescription: `${sigmas}-sigma ellipse`,
        stroke: "white",
        strokeWidth: weight,
        clip: "frame",
        ...(sigmas === 2 ? { strokeDasharray: small ? "2 1.5" : "4 3" } : {}),
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
      strokeWidth: small ? 0.7 : 1.4,
    }),
  ];
}

const edges = ({ centerX, centerY, width, height }: ReceptiveField) => ({
  x1: centerX - width / 2,
  x2: centerX + width / 2,
  y1: centerY - height / 2,
  y2: centerY + height / 2,
});

/** Edges beyond what is shown stand just outside it: resvg dies of clipping what is far away. */
const within = (edge: number, first: number, count: number): number =>
  Math.min(Math.max(edge, first - 1.5), first + count + 0.5);

/** A point no further from a small window than a few times its size, for the same reason. */
const near = ([x, y]: [number, number], window: Window | undefined): [number, number] => {
  if (window === undefined) return [x, y];
  const bounded = (value: number, first: number, count: number) =>
    Math.min(Math.max(value, first - 4 * count), first + 5 * count);
  return [bounded(x, window.x, window.width), bounded(y, window.y, window.height)];
};

/** The theoretical receptive field as a dotted frame, edged to show on light and dark; pixels of the map. */
export function fieldMarks(
  field: ReceptiveField,
  shape: RealMap["shape"],
  { x, y, width, height }: Window = wholeOf(shape),
  weight = 1.2,
): Markish[] {
  const { x1, x2, y1, y2 } = edges(field);
  if (!(x1 < x + width && x2 > x - 1 && y1 < y + height && y2 > y - 1)) return [];
  const frame = {
    x1: within(x1, x, width),
    x2: within(x2, x, width),
    y1: within(y1, y, height),
    y2: within(y2, y, height),
  };
  const styles = [
    { stroke: "black", strokeOpacity: 0.5, strokeWidth: 2 * weight },
    {
      stroke: "white",
      strokeDasharray: [1.5, 2.5].map((dash) => (dash * weight) / 1.2).join(" "),
      strokeWidth: weight,
    },
  ];
  return styles.map((style) =>
    rect([frame], {
      ...{ x1: "x1", x2: "x2", y1: "y1", y2: "y2", fill: "none", clip: "frame" },
      ariaDescription: "theoretical receptive field",
      ...style,
    }),
  );
}

/** The field in words, since its frame may lie outside the picture; those that stay together. */
export function fieldWords(
  field: ReceptiveField | null,
  [height, width]: RealMap["shape"],
): readonly (readonly string[])[] {
  if (field === null) return [["theoretical field:"], ["not known"]];
  const { x1, x2, y1, y2 } = edges(field);
  const seen = [x1 > -0.5, y1 > -0.5, x2 < width - 0.5, y2 < height - 0.5].some(Boolean);
  const size = `${short(field.width)} × ${short(field.height)} px`;
  return seen
    ? [["dotted: theoretical field,"], [size]]
    : [["theoretical field:"], [`${size},`], ["the whole image"]];
}
