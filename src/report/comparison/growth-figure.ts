import { dot, line, ruleX } from "@observablehq/plot";
import type { Growth, PowerLaw } from "../../calibration/comparison/growth.ts";
import { ink } from "../color.ts";
import { defaultStyle, fontSize, leastWidth, requireWidth, type FigureStyle } from "../figure-style.ts";
import {
  figure,
  flowed,
  panel,
  place,
  svgElement,
  textLine,
  titleLine,
  type Item,
  type SvgElement,
} from "../svg.ts";
import { axisSpace, borderMark, xAxis, yAxis } from "../map-panel.ts";
import { withUncertainty, wrapped, proseRoom } from "../text.ts";

const left = 60;
const frameHeight = 220;

/** Sigma of a network's layers against their theoretical receptive field, both logarithmic: a power is a straight line. */
export function growthFigure(
  title: string,
  { points, law }: Growth,
  style: FigureStyle = defaultStyle,
): { readonly svg: string } {
  requireWidth(style, leastWidth.figure);
  const frameWidth = style.width - left - 14;
  const theoretical = points.map((point) => point.theoretical);
  const sigmas = points
    .flatMap(({ sigma, interval95 }) => [sigma, ...(interval95 ?? [])])
    .filter((v) => v > 0);
  const ends = [Math.min(...theoretical) / 1.15, Math.max(...theoretical) * 1.15] as const;
  const curve = ({ factor, exponent }: Pick<PowerLaw, "factor" | "exponent">) =>
    ends.map((field) => [field, factor * field ** exponent] as const);
  const middle = Math.exp(points.reduce((sum, { theoretical: t }) => sum + Math.log(t), 0) / points.length);
  const root = law && { exponent: 0.5, factor: law.factor * middle ** (law.exponent - 0.5) };
  const drawn = panel(
    [frameWidth, frameHeight],
    { top: 0, right: 0, bottom: axisSpace.below, left: axisSpace.left },
    {
      x: { type: "log", domain: ends },
      y: { type: "log", domain: [Math.min(...sigmas) / 1.3, Math.max(...sigmas) * 1.3] },
      marks: [
        line(root ? curve(root) : [], { stroke: ink.gray, strokeDasharray: "2 3", clip: "frame" }),
        line(law ? curve(law) : [], { stroke: ink.vermilion, strokeWidth: 1.4, clip: "frame" }),
        ruleX(
          points.filter(({ interval95 }) => interval95 !== null),
          {
            x: "theoretical",
            y1: ({ interval95 }: Growth["points"][number]) => interval95?.[0],
            y2: ({ interval95 }: Growth["points"][number]) => interval95?.[1],
            stroke: ink.blue,
            clip: "frame",
          },
        ),
        dot(points, {
          x: "theoretical",
          y: "sigma",
          r: 3,
          stroke: ({ warnings }: Growth["points"][number]) =>
            warnings.length > 0 ? ink.vermilion : ink.blue,
          strokeWidth: 1.5,
          fill: ({ inside }: Growth["points"][number]) => (inside ? ink.blue : "white"),
        }),
        borderMark(),
        xAxis("theoretical receptive field (px)", { tickFormat: "d", ticks: 5 }),
        yAxis("σ (px)", { tickFormat: "~g", ticks: 5 }),
      ],
    },
  );
  const head = heading(points, law, style.width - 20);
  const height = head.top + frameHeight + axisSpace.below + 8;
  return {
    svg: figure(style, height, title, [
      ...(style.title ? titleLine(title, style.width) : []),
      ...head.elements,
      place(drawn, left, head.top),
    ]),
  };
}

/** What the dots and lines mean, and where the frame under it begins. */
function heading(
  points: Growth["points"],
  law: PowerLaw | null,
  width: number,
): { readonly elements: readonly SvgElement[]; readonly top: number } {
  const exponent =
    law === null
      ? "too few layers within the image for an exponent"
      : `σ ∝ field ^ ${withUncertainty(law.exponent, (law.byLayers[1] - law.byLayers[0]) / 2)} over ${law.layers} layers`;
  const lines = wrapped(exponent, proseRoom(width), fontSize);
  const below = 38 + 15 * lines.length;
  const items = [
    dotItem(60, "layer", { fill: ink.blue }),
    dotItem(154, "sees beyond the image", { fill: "white", stroke: ink.blue }),
    ...(law === null
      ? []
      : [
          lineItem(58, "fit", { stroke: ink.vermilion, "stroke-width": 1.6 }),
          lineItem(96, "square root", { stroke: ink.gray, "stroke-dasharray": "2 3" }),
        ]),
    ...(points.some(({ warnings }) => warnings.length > 0)
      ? [dotItem(210, "a warning puts σ in doubt", { fill: "white", stroke: ink.vermilion })]
      : []),
  ];
  const key = flowed(items, [left, below + 9], width + 20 - left, 15);
  return {
    elements: [...lines.map((line, k) => textLine(10, 38 + 15 * k, [line])), ...key.elements],
    top: below + 21 + 15 * (key.lines - 1),
  };
}

const dotItem = (width: number, words: string, looks: Record<string, string>): Item => ({
  width,
  draw: (x, y) => [
    svgElement("circle", { cx: x + 6, cy: y - 4, r: 3, ...looks }),
    textLine(x + 14, y, [words]),
  ],
});

const lineItem = (width: number, words: string, looks: Record<string, string | number>): Item => ({
  width,
  draw: (x, y) => [
    svgElement("line", { x1: x, x2: x + 18, y1: y - 4, y2: y - 4, ...looks }),
    textLine(x + 23, y, [words]),
  ],
});
