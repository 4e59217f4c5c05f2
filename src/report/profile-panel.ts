import { areaX, areaY, lineX, lineY } from "@observablehq/plot";
import { ink } from "./color.ts";
import { panel, type Margins, type Panel } from "./svg.ts";
import { borderMark, noValues, pixelsAlong, pixelScales, xAxis, yAxis, type Frame } from "./map-panel.ts";
import type { Window } from "./window.ts";

export const curveColors = { measured: ink.gray, fitted: ink.vermilion } as const;

const measuredArea = { fill: curveColors.measured, fillOpacity: 0.4, stroke: curveColors.measured };
const fittedCurve = { stroke: curveColors.fitted, strokeWidth: 1.4 };

/** Sums of a map over its columns or rows, measured and fitted, in shares of the map's sum. */
export interface Profile {
  readonly measured: Float64Array;
  readonly fitted: Float64Array | null;
}

interface Sample {
  readonly pixel: number;
  readonly percent: number;
}

const samplesOf = (values: Float64Array | null): Sample[] =>
  Array.from(values ?? [], (share, pixel) => ({ pixel, percent: 100 * share }));

/** Those from `first` on, so many, and one beyond each end: the curves reach the frame, which clips them. */
const within = (samples: readonly Sample[], first: number, count: number): Sample[] =>
  samples.slice(Math.max(first - 1, 0), first + count + 1);

/** Fewer pixels than these are drawn as the steps that they are, and the Gaussian as the smooth curve that it is. */
const manyPixels = 60;

/** From zero, or from the lowest negative value, to a little above the highest. */
function percentDomain({ measured, fitted }: Profile): [number, number] {
  const percents = [...samplesOf(measured), ...samplesOf(fitted)].map(({ percent }) => percent);
  const finite = percents.filter(Number.isFinite);
  const [low, high] = [Math.min(0, ...finite), Math.max(0, ...finite)];
  return high > low ? [1.06 * low, 1.06 * high] : [0, 1];
}

/** The profile along x: columns to the right and shares upwards, aligned to what a window shows of a map. */
export function columnProfile(profile: Profile, window: Window, frame: Frame, margins: Margins): Panel {
  const along = { x: "pixel", y: "percent", clip: "frame" } as const;
  const samples = (values: Float64Array | null) => within(samplesOf(values), window.x, window.width);
  const few = window.width < manyPixels;
  return panel(frame, margins, {
    x: pixelScales(window).x,
    y: { domain: percentDomain(profile) },
    marks: [
      areaY(samples(profile.measured), { ...along, ...measuredArea, ...(few && { curve: "step" }) }),
      lineY(samples(profile.fitted), { ...along, ...fittedCurve, ...(few && { curve: "monotone-x" }) }),
      borderMark(),
      xAxis("x (px)", pixelsAlong(frame[0])),
      yAxis("share per column (%)"),
    ],
  });
}

/** The profile along y: rows downwards and shares to the right, aligned to a map on its left, which has the rows' numbers. */
export function rowProfile(profile: Profile, window: Window, frame: Frame, margins: Margins): Panel {
  const along = { x: "percent", y: "pixel", clip: "frame" } as const;
  const samples = (values: Float64Array | null) => within(samplesOf(values), window.y, window.height);
  const few = window.height < manyPixels;
  return panel(frame, margins, {
    x: { domain: percentDomain(profile) },
    y: pixelScales(window).y,
    marks: [
      areaX(samples(profile.measured), { ...along, ...measuredArea, ...(few && { curve: "step" }) }),
      lineX(samples(profile.fitted), { ...along, ...fittedCurve, ...(few && { curve: "monotone-y" }) }),
      borderMark(),
      xAxis("share per row (%)"),
      yAxis(null, noValues),
    ],
  });
}
