import { photographsFor, relativeHalfWidth } from "../../calibration/convergence.ts";
import { halfWidthPanel, sigmaPanel } from "./panels.ts";
import { seriesOf, sigmaColors, type ConvergenceStep } from "./series.ts";
import { axisSpace } from "../map-panel.ts";
import { ink } from "../color.ts";
import {
  svgElement,
  textLine,
  type SvgElement,
  type TextPart,
  figure,
  place,
  titleLine,
  wordLines,
} from "../svg.ts";
import { defaultStyle, fontSize, leastWidth, requireWidth, type FigureStyle } from "../figure-style.ts";
import { withUncertainty, wrapped, proseRoom } from "../text.ts";

export interface ConvergenceFigure {
  /** Model and layer; shortened in its middle where it is too long. */
  readonly title: string;
  /** By rising number of photographs; steps without a fit are left out, or NaN. */
  readonly history: readonly ConvergenceStep[];
  /** The half-width to reach, as a share of sigma (0.01 for 1 %); null where none was asked for. */
  readonly target: number | null;
}

const isBounded = (half: number): boolean => half > 0 && Number.isFinite(half);

/** Where the estimate stands, what its intervals are, and how far the target is. */
function summary(last: ConvergenceStep, target: number | null, width: number): readonly SvgElement[] {
  const { photographs, sigmaX, sigmaY, halfWidthX, halfWidthY } = last;
  const bands = [[`${photographs} photographs`], ["± and bands: the 95 % interval over photographs"]];
  const far = target === null ? [] : wrapped(distance(last, target), proseRoom(width), fontSize);
  const lines = [
    ...wordLines([sigma("X", sigmaX, halfWidthX), sigma("Y", sigmaY, halfWidthY)], ",  ", width),
    ...wordLines(bands, ";  ", proseRoom(width)),
    ...far.map((line) => [line]),
  ];
  return lines.map((line, k) => textLine(10, 38 + 15 * k, line));
}

const sigma = (axis: string, value: number, half: number): TextPart[] => [
  "σ",
  { subscript: axis },
  ` = ${withUncertainty(value, half)} px${isBounded(half) ? ` (${percent(half / value)})` : ""}`,
];

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;

function distance(last: ConvergenceStep, target: number): string {
  const widest = relativeHalfWidth(last);
  if (widest <= target) return `The target of ${percent(target)} is reached.`;
  const needed = Number(photographsFor(last, target).toPrecision(2));
  return isBounded(widest)
    ? `The target of ${percent(target)} takes about ${needed} photographs, going on as 1/√photographs.`
    : `The target of ${percent(target)} is not reached.`;
}

/** What the colors mean, from (x, y). */
const key = (x: number, y: number): SvgElement[] => [
  ...entry(x, y, sigmaColors.X, {}, ["σ", { subscript: "X" }]),
  ...entry(x + 60, y, sigmaColors.Y, {}, ["σ", { subscript: "Y" }]),
  ...entry(x + 120, y, ink.gray, { "stroke-dasharray": "2 3" }, ["∝ 1/√photographs"]),
];

const entry = (
  x: number,
  y: number,
  stroke: string,
  dashes: Record<string, string>,
  words: readonly TextPart[],
): SvgElement[] => [
  svgElement("line", { x1: x, x2: x + 18, y1: y - 4, y2: y - 4, stroke, "stroke-width": 1.6, ...dashes }),
  textLine(x + 23, y, words),
];

const left = 60;
const [upper, gap, lower] = [150, 14, 120];

/**
 * Both sigmas with their 95 % intervals, and below these intervals' half-widths, against the number of photographs, as
 * one SVG in the size and hand of the ERF's figure.
 */
export function convergenceFigure(
  { title, history, target }: ConvergenceFigure,
  style: FigureStyle = defaultStyle,
): { readonly svg: string } {
  requireWidth(style, leastWidth.figure);
  const { width } = style;
  const frameWidth = width - left - 14;
  const heading = style.title ? titleLine(title, width) : [];
  const steps = history.filter(({ sigmaX, sigmaY }) => Number.isFinite(sigmaX) && Number.isFinite(sigmaY));
  const last = steps.at(-1);
  if (last === undefined)
    return { svg: figure(style, 56, title, [...heading, textLine(10, 38, ["No sigma was estimated."])]) };
  const series = seriesOf(steps);
  const margins = { top: 0, right: 0, bottom: 0, left: axisSpace.left };
  const words = summary(last, target, width - 20);
  const top = 57 + 15 * words.length;
  const middle = top + upper + gap;
  const parts: SvgElement[] = [
    ...heading,
    ...words,
    ...key(left, top - 10),
    place(sigmaPanel(series, [frameWidth, upper], { ...margins, bottom: 4 }), left, top),
    place(
      halfWidthPanel(series, target, [frameWidth, lower], { ...margins, bottom: axisSpace.below }),
      left,
      middle,
    ),
  ];
  return { svg: figure(style, middle + lower + axisSpace.below + 8, title, parts) };
}
