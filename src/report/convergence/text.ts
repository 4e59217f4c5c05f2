import { photographsFor, relativeHalfWidth } from "../../calibration/convergence.ts";
import type { ConvergenceStep } from "./record.ts";
import { sigmaColors } from "./series.ts";
import { ink } from "../ink.ts";
import { svgElement, textLine, type SvgElement, type TextPart } from "../svg.ts";
import { withUncertainty } from "../text.ts";

/** Where the estimate stands, what its intervals are, and how far the target is. */
export function summary(last: ConvergenceStep, target: number | null): SvgElement[] {
  const { photographs, sigmaX, sigmaY, halfWidthX, halfWidthY } = last;
  return [
    textLine(10, 38, [...sigma("X", sigmaX, halfWidthX), ",  ", ...sigma("Y", sigmaY, halfWidthY)]),
    textLine(10, 53, [`${photographs} photographs;  ± and bands: the 95 % interval over photographs`]),
    ...(target === null ? [] : [textLine(10, 68, [distance(last, target)])]),
  ];
}

const sigma = (axis: string, value: number, half: number): TextPart[] => [
  "σ",
  { subscript: axis },
  ` = ${withUncertainty(value, half)} px${bounded(half) ? ` (${percent(half / value)})` : ""}`,
];

const bounded = (half: number): boolean => half > 0 && Number.isFinite(half);

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;

function distance(last: ConvergenceStep, target: number): string {
  const widest = relativeHalfWidth(last);
  if (widest <= target) return `The target of ${percent(target)} is reached.`;
  const needed = Number(photographsFor(last, target).toPrecision(2));
  return bounded(widest)
    ? `The target of ${percent(target)} takes about ${needed} photographs, going on as 1/√photographs.`
    : `The target of ${percent(target)} is not reached.`;
}

/** What the colors mean, from (x, y). */
export const key = (x: number, y: number): SvgElement[] => [
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
