import { halfWidthPanel, sigmaPanel } from "./panels.ts";
import type { ConvergenceFigure } from "./record.ts";
import { seriesOf } from "./series.ts";
import { key, summary } from "./text.ts";
import { axisSpace } from "../map-panel.ts";
import { figure, place, textLine, type SvgElement } from "../svg.ts";
import { elided } from "../text.ts";

const width = 490;
const left = 60;
const frameWidth = width - left - 14;
const [upper, gap, lower] = [150, 14, 120];

/**
 * Both sigmas with their 95 % intervals, and below these intervals' half-widths, against the number of photographs, as
 * one SVG in the size and hand of the ERF's figure.
 */
export function convergenceFigure({ title, history, target }: ConvergenceFigure): { readonly svg: string } {
  const heading = textLine(10, 20, [elided(title, width - 20, 12.5)], {
    "font-size": 12.5,
    "font-weight": "bold",
  });
  const steps = history.filter(({ sigmaX, sigmaY }) => Number.isFinite(sigmaX) && Number.isFinite(sigmaY));
  const last = steps.at(-1);
  if (last === undefined)
    return { svg: figure(width, 56, title, [heading, textLine(10, 38, ["No sigma was estimated."])]) };
  const series = seriesOf(steps);
  const margins = { top: 0, right: 0, bottom: 0, left: axisSpace.left };
  const top = target === null ? 87 : 102;
  const middle = top + upper + gap;
  const parts: SvgElement[] = [
    heading,
    ...summary(last, target),
    ...key(left, top - 10),
    place(sigmaPanel(series, [frameWidth, upper], { ...margins, bottom: 4 }), left, top),
    place(
      halfWidthPanel(series, target, [frameWidth, lower], { ...margins, bottom: axisSpace.below }),
      left,
      middle,
    ),
  ];
  return { svg: figure(width, middle + lower + axisSpace.below + 8, title, parts) };
}
