import { dot, line, ruleX } from "@observablehq/plot";
import type { Growth, PowerLaw } from "../../calibration/comparison/growth.ts";
import { ink } from "../color.ts";
import { figure, panel, place, svgElement, textLine, type SvgElement } from "../svg.ts";
import { axisSpace, borderMark, xAxis, yAxis } from "../map-panel.ts";
import { elided, withUncertainty } from "../text.ts";

const width = 490;
const left = 60;
const [frameWidth, frameHeight, top] = [width - left - 14, 220, 74];

/** Sigma of a network's layers against their theoretical receptive field, both logarithmic: a power is a straight line. */
export function growthFigure(title: string, { points, law }: Growth): { readonly svg: string } {
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
  const height = top + frameHeight + axisSpace.below + 8;
  return {
    svg: figure(width, height, title, [
      ...heading(title, law),
      ...doubtsKey(points),
      place(drawn, left, top),
    ]),
  };
}

function doubtsKey(points: Growth["points"]): readonly SvgElement[] {
  if (points.every(({ warnings }) => warnings.length === 0)) return [];
  const words = { "font-size": 9, "text-anchor": "end", fill: ink.vermilion };
  return [textLine(width - 14, 38, ["⚠ red edge: a warning puts σ in doubt"], words)];
}

function heading(title: string, law: PowerLaw | null): readonly SvgElement[] {
  const words =
    law === null
      ? "too few layers within the image for an exponent"
      : `σ ∝ field ^ ${withUncertainty(law.exponent, (law.byLayers[1] - law.byLayers[0]) / 2)} over ${law.layers} layers`;
  return [
    textLine(10, 20, [elided(title, width - 20, 12.5)], { "font-size": 12.5, "font-weight": "bold" }),
    textLine(10, 38, [words]),
    svgElement("circle", { cx: left + 6, cy: 58, r: 3, fill: ink.blue }),
    textLine(left + 14, 62, ["layer"]),
    svgElement("circle", { cx: left + 66, cy: 58, r: 3, fill: "white", stroke: ink.blue }),
    textLine(left + 74, 62, ["sees beyond the image"]),
    ...(law === null
      ? []
      : [
          svgElement("line", {
            x1: left + 220,
            x2: left + 238,
            y1: 58,
            y2: 58,
            stroke: ink.vermilion,
            "stroke-width": 1.6,
          }),
          textLine(left + 243, 62, ["fit"]),
          svgElement("line", {
            x1: left + 278,
            x2: left + 296,
            y1: 58,
            y2: 58,
            stroke: ink.gray,
            "stroke-dasharray": "2 3",
          }),
          textLine(left + 301, 62, ["square root"]),
        ]),
  ];
}
