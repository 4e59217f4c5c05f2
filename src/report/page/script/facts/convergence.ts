import { areaY, axisX, axisY, dot, gridY, lineY, plot, type Markish } from "@observablehq/plot";
import type { Calibration } from "../../../../calibration/schema.ts";
import { withUncertainty } from "../../../text.ts";
import { bounded, extentOf, seriesOf, type Series } from "../../../convergence/series.ts";
import { keepPlot, part, tableRow } from "../parts/dom.ts";

/** Both sigmas and their intervals as photographs came in: as a plot, and as a table. */
export function convergence(history: Calibration["convergence"]): void {
  if (history.length < 2) return;
  part("convergence", HTMLElement).hidden = false;
  const host = part("convergence-plot", HTMLDivElement);
  const series = seriesOf(history);
  new ResizeObserver(() => {
    keepPlot(host, picture(series, host.clientWidth));
  }).observe(host);
  part("convergence-rows", HTMLTableSectionElement).append(
    ...history.map(({ photographs, sigmaX, sigmaY, halfWidthX, halfWidthY }) =>
      tableRow(String(photographs), withUncertainty(sigmaX, halfWidthX), withUncertainty(sigmaY, halfWidthY)),
    ),
  );
}

const picture = (series: readonly Series[], width: number): Element =>
  plot({
    width: Math.max(width, 240),
    height: 260,
    marginLeft: 44,
    marginBottom: 36,
    inset: 6,
    x: { type: "log", domain: extentOf(series) },
    y: { domain: domainOf(series), nice: true },
    marks: [
      gridY(),
      ...series.flatMap(curve),
      axisX({ label: "photographs", labelAnchor: "center", labelArrow: "none", ticks: 6, tickFormat: "~s" }),
      axisY({ label: "σ (px)", labelArrow: "none" }),
    ],
  });

const curve = (one: Series, place: number): Markish[] => [
  areaY(bounded(one), {
    x: "photographs",
    y1: "low",
    y2: "high",
    fill: `var(--series-${place})`,
    fillOpacity: 0.2,
    clip: "frame",
  }),
  lineY(one.samples, {
    x: "photographs",
    y: "sigma",
    stroke: `var(--series-${place})`,
    strokeWidth: 1.8,
    clip: "frame",
  }),
  dot(one.samples, {
    x: "photographs",
    y: "sigma",
    fill: `var(--series-${place})`,
    r: 2.5,
    clip: "frame",
    title: ({ photographs, sigma, low }: Series["samples"][number]) =>
      `${photographs} photographs: ${withUncertainty(sigma, sigma - low)} px`,
  }),
];

/** All sigmas, and the later half's bands: the first are so wide that nothing else could be read. */
function domainOf(series: readonly Series[]): [number, number] {
  const ends = series.flatMap(({ samples }) =>
    samples.flatMap(({ sigma, low, high }, at) => (2 * at < samples.length ? [sigma] : [sigma, low, high])),
  );
  const finite = ends.filter(Number.isFinite);
  return [Math.min(...finite), Math.max(...finite)];
}
