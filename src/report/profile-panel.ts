import { areaX, areaY, lineX, lineY } from "@observablehq/plot";
import type { RealMap } from "../core/tensor.ts";
import { ink } from "./color.ts";
import { panel, type Margins, type Panel } from "./svg.ts";
import { borderMark, noValues, pixelScales, wholePixels, xAxis, yAxis, type Frame } from "./map-panel.ts";

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

/** From zero, or from the lowest negative value, to a little above the highest. */
function percentDomain({ measured, fitted }: Profile): [number, number] {
  const percents = [...samplesOf(measured), ...samplesOf(fitted)].map(({ percent }) => percent);
  const finite = percents.filter(Number.isFinite);
  const [low, high] = [Math.min(0, ...finite), Math.max(0, ...finite)];
  return high > low ? [1.06 * low, 1.06 * high] : [0, 1];
}

/** The profile along x: columns to the right and shares upwards, aligned to a map above or below it. */
export function columnProfile(
  profile: Profile,
  shape: RealMap["shape"],
  frame: Frame,
  margins: Margins,
): Panel {
  const along = { x: "pixel", y: "percent" };
  return panel(frame, margins, {
    x: pixelScales(shape).x,
    y: { domain: percentDomain(profile) },
    marks: [
      areaY(samplesOf(profile.measured), { ...along, ...measuredArea }),
      lineY(samplesOf(profile.fitted), { ...along, ...fittedCurve }),
      borderMark(),
      xAxis("x (px)", wholePixels),
      yAxis("share per column (%)"),
    ],
  });
}

/** The profile along y: rows downwards and shares to the right, aligned to a map on its left, which has the rows' numbers. */
export function rowProfile(profile: Profile, shape: RealMap["shape"], frame: Frame, margins: Margins): Panel {
  const along = { x: "percent", y: "pixel" };
  return panel(frame, margins, {
    x: { domain: percentDomain(profile) },
    y: pixelScales(shape).y,
    marks: [
      areaX(samplesOf(profile.measured), { ...along, ...measuredArea }),
      lineX(samplesOf(profile.fitted), { ...along, ...fittedCurve }),
      borderMark(),
      xAxis("share per row (%)"),
      yAxis(null, noValues),
    ],
  });
}
