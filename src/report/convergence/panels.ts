import { areaY, dot, line, lineY, ruleX, ruleY, text, type Markish } from "@observablehq/plot";
import { bounded, extentOf, type Sample, type Series } from "./series.ts";
import { ink } from "../color.ts";
import { panel, type Margins, type Panel } from "../svg.ts";
import { borderMark, noValues, xAxis, yAxis, type Frame } from "../map-panel.ts";

/** Both sigmas with their 95 % bands over the number of photographs. */
export function sigmaPanel(series: readonly Series[], frame: Frame, margins: Margins): Panel {
  const along = { x: "photographs", clip: "frame" } as const;
  return panel(frame, margins, {
    x: photographsScale(series),
    y: { domain: sigmaDomain(series) },
    marks: [
      ...series.map((one) =>
        areaY(bounded(one), { ...along, y1: "low", y2: "high", fill: one.color, fillOpacity: 0.18 }),
      ),
      ...series.map((one, place) =>
        ruleX(bounded(one).slice(-1), {
          x: "photographs",
          y1: "low",
          y2: "high",
          stroke: one.color,
          dx: 5 + 3 * place,
        }),
      ),
      ...series.flatMap((one) => curve(one.samples, "sigma", one.color)),
      borderMark(),
      photographsAxis(series, null),
      yAxis("σ (px)"),
    ],
  });
}

/** The half-widths in percent on logarithmic axes, where 1/√photographs is a straight line; the target is a level. */
export function halfWidthPanel(
  series: readonly Series[],
  target: number | null,
  frame: Frame,
  margins: Margins,
): Panel {
  const level = target === null ? [] : [100 * target];
  const measured = series.flatMap(bounded).map(({ percent }) => percent);
  const percents = [...measured, ...level];
  const domain =
    percents.length > 0
      ? ([Math.min(...percents) / 1.25, Math.max(...percents) * 1.25] as const)
      : ([1, 10] as const);
  return panel(frame, margins, {
    x: photographsScale(series),
    y: { type: "log", domain },
    marks: [
      line(guideOf(series), { stroke: ink.gray, strokeDasharray: "2 3", clip: "frame" }),
      ruleY(level, { stroke: "black", strokeDasharray: "6 3", ariaDescription: "target" }),
      text(level, {
        y: (percent: number) => percent,
        text: (percent: number) => `target ${Number(percent.toPrecision(3))} %`,
        frameAnchor: "left",
        dx: 5,
        dy: -7,
      }),
      ...series.flatMap((one) => curve(bounded(one), "percent", one.color)),
      text(measured.length > 0 ? [] : ["too few photographs for an interval"], { frameAnchor: "middle" }),
      borderMark(),
      photographsAxis(series, "photographs"),
      yAxis("95 % half-width (%)", { ticks: roundNumbers(domain), tickFormat: String }),
    ],
  });
}

/** A line, and a dot where it stands now. */
const curve = (samples: readonly Sample[], y: "sigma" | "percent", color: string): Markish[] => [
  lineY(samples, { x: "photographs", y, stroke: color, strokeWidth: 1.4, clip: "frame" }),
  dot(samples.slice(-1), { x: "photographs", y, fill: color, r: 2.6 }),
];

/** Logarithmic, with a little room at both ends. */
function photographsScale(series: readonly Series[]): { type: "log"; domain: [number, number] } {
  const [first, last] = extentOf(series);
  const room = Math.max((last / first) ** 0.03, 1.02);
  return { type: "log", domain: [first / room, last * room] };
}

function photographsAxis(series: readonly Series[], label: string | null): Markish {
  const round = roundNumbers(photographsScale(series).domain);
  const ticks = round.length > 1 ? round : [...new Set(extentOf(series))];
  return xAxis(label ?? "", { ...(label === null ? noValues : { tickFormat: String }), ticks });
}

/** Ticks of a logarithmic axis: 1, 2 and 5 times powers of ten, or more of them in a narrow range. */
function roundNumbers([low, high]: readonly [number, number]): number[] {
  const powers = Array.from({ length: 25 }, (_, i) => i - 12);
  const [few, many] = ["125", "123456789"].map((digits) =>
    powers
      .flatMap((power) => Array.from(digits, (digit) => Number(`${digit}e${power}`)))
      .filter((value) => value >= low && value <= high),
  );
  return (few && few.length > 1 ? few : many) ?? [];
}

/** What came late: the first estimates and bands are wide, and would leave no room for those that matter. */
function sigmaDomain(series: readonly Series[]): [number, number] {
  const [, last] = extentOf(series);
  const late = series.flatMap(({ samples }) => samples).filter(({ photographs }) => photographs >= last / 8);
  const values = late.flatMap(({ sigma, low, high }) => [sigma, low, high]).filter(Number.isFinite);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const room = Math.max(0.05 * (most - least), 1e-3 * most);
  return [least - room, most + room];
}

/** The straight line of 1/√photographs through the wider of the last half-widths. */
function guideOf(series: readonly Series[]): [number, number][] {
  const ends = series.flatMap((one) => bounded(one).slice(-1));
  const [end] = ends.toSorted((a, b) => b.percent - a.percent);
  if (end === undefined) return [];
  return extentOf(series).map((count) => [count, end.percent * Math.sqrt(end.photographs / count)]);
}
