import { areaY, dot, lineY, ruleX, ruleY, type Markish } from "@observablehq/plot";
import type { Estimate } from "../../evaluate/evaluation.ts";
import { likeGradCam, widthOf, type SigmaSweep, type SweptTest } from "../../evaluate/sigma-sweep.ts";
import { axisSpace, borderMark, noValues, xAxis, yAxis } from "../map-panel.ts";
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
  type Panel,
  type SvgElement,
} from "../svg.ts";
import { wrapped, proseRoom } from "../text.ts";

const left = 60;
const [frameHeight, gap] = [120, 14];

/** Blue and vermilion (Okabe and Ito 2008): apart also without color vision. */
const [sweptColor, gradCamColor, markColor] = ["#0072b2", "#d55e00", "#8f959e"];

/** One estimate with its place on the axis. */
interface Sample {
  readonly width: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const samplesOf = ({ points }: SigmaSweep, estimates: readonly Estimate[]): Sample[] =>
  estimates.flatMap(({ value, interval: [low, high] }, k) => {
    const point = points[k];
    return point === undefined ? [] : [{ width: widthOf(point), value, low, high }];
  });

/**
 * Average Drop by each test, and the correlation with Grad-CAM's maps, against sigma: one SVG in the hand of the other
 * figures. The calibrated sigma and the paper's 20 pixels are marked.
 */
export function sigmaSweepFigure(
  title: string,
  sweep: SigmaSweep,
  style: FigureStyle = defaultStyle,
): { readonly svg: string } {
  requireWidth(style, leastWidth.figure);
  const frameWidth = style.width - left - 14;
  const { elements, top } = heading(sweep, style.width - 20);
  const drops = sweep.tests.map((test) => ({
    label: `Drop (%), ${test.test.replace(/\.black$/, "").replace(".", ", ")}`,
    samples: samplesOf(sweep, test.drops),
    level: gradCamDrop(test),
  }));
  const likeness = {
    label: "correlation",
    samples: samplesOf(sweep, sweep.likeness.correlations),
    level: null,
  };
  const frames = [...drops, likeness];
  const panels = frames.map((frame, k) =>
    place(sweepPanel(sweep, frame, frameWidth, k === frames.length - 1), left, top + k * (frameHeight + gap)),
  );
  const height = top + frames.length * (frameHeight + gap) - gap + axisSpace.below + 8;
  const titled = style.title ? titleLine(title, style.width) : [];
  return { svg: figure(style, height, title, [...titled, ...elements, ...panels]) };
}

/** Grad-CAM's Drop is any width's less the difference between the two. */
const gradCamDrop = ({ drops, lessGradCam }: SweptTest): number | null => {
  const [drop, less] = [drops[0], lessGradCam[0]];
  return drop === undefined || less === undefined ? null : drop.value - less.value;
};

function sweepPanel(
  { points }: SigmaSweep,
  {
    label,
    samples,
    level,
  }: { readonly label: string; readonly samples: Sample[]; readonly level: number | null },
  frameWidth: number,
  last: boolean,
): Panel {
  const along = { x: "width", clip: "frame" } as const;
  const margins = { top: 0, right: 0, bottom: last ? axisSpace.below : 4, left: axisSpace.left };
  const calibrated = points.filter((point) => point.calibrated).map(widthOf);
  const marks: Markish[] = [
    ruleX([likeGradCam], { stroke: markColor, strokeDasharray: "2 3", ariaDescription: "20 px" }),
    ruleX(calibrated, { stroke: "black", strokeDasharray: "6 3", ariaDescription: "calibrated" }),
    ...(level === null
      ? []
      : [ruleY([level], { stroke: gradCamColor, ariaDescription: "Grad-CAM, bilinear" })]),
    areaY(samples, { ...along, y1: "low", y2: "high", fill: sweptColor, fillOpacity: 0.18 }),
    lineY(samples, { ...along, y: "value", stroke: sweptColor, strokeWidth: 1.4 }),
    dot(samples, { x: "width", y: "value", fill: sweptColor, r: 2.2 }),
    borderMark(),
    last ? xAxis("σ (px)") : xAxis("", noValues),
    yAxis(label),
  ];
  const widths = samples.map((sample) => sample.width);
  const room = 0.02 * (Math.max(...widths) - Math.min(...widths) || 1);
  return panel([frameWidth, frameHeight], margins, {
    x: { domain: [Math.min(...widths) - room, Math.max(...widths) + room] },
    y: { domain: valuesDomain(samples, level) },
    marks,
  });
}

function valuesDomain(samples: readonly Sample[], level: number | null): [number, number] {
  const values = [...samples.flatMap(({ low, high }) => [low, high]), ...(level === null ? [] : [level])];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const room = 0.06 * (most - least) || 1;
  return [least - room, most + room];
}

/** What is drawn, what its lines mean, and where the first frame begins. */
function heading(
  { photographs }: SigmaSweep,
  width: number,
): { readonly elements: readonly SvgElement[]; readonly top: number } {
  const sentence = `Extended-CAM, Gaussian, by sigma; ${photographs} photographs; bands: 95 % intervals`;
  const lines = wrapped(sentence, proseRoom(width), fontSize);
  const below = 43 + 15 * lines.length;
  const items = [
    entry(120, sweptColor, {}, "Extended-CAM"),
    entry(150, gradCamColor, {}, "Grad-CAM, bilinear"),
    entry(100, "black", { "stroke-dasharray": "6 3" }, "calibrated"),
    entry(70, markColor, { "stroke-dasharray": "2 3" }, `${likeGradCam} px`),
  ];
  const key = flowed(items, [10, below], width, 15);
  return {
    elements: [...lines.map((line, k) => textLine(10, 38 + 15 * k, [line])), ...key.elements],
    top: below + 24 + 15 * (key.lines - 1),
  };
}

const entry = (width: number, stroke: string, dashes: Record<string, string>, words: string): Item => ({
  width,
  draw: (x, y) => [
    svgElement("line", { x1: x, x2: x + 18, y1: y - 4, y2: y - 4, stroke, "stroke-width": 1.6, ...dashes }),
    textLine(x + 23, y, [words]),
  ],
});
