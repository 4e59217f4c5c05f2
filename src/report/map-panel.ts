import {
  axisX,
  axisY,
  frame as border,
  type AxisXOptions,
  type AxisYOptions,
  type Markish,
  type PlotOptions,
} from "@observablehq/plot";
import type { RealMap } from "../core/tensor.ts";
import { rampOf, type ColorMapName, type Range } from "./color.ts";
import { frameImage, mapLayer, pngUrl } from "./raster-layer.ts";
import { panel, type Margins, type Panel } from "./svg.ts";

/** Width and height of a frame. */
export type Frame = readonly [width: number, height: number];

/** The largest frame of the map's proportions within a square: one pixel is as high as wide. */
export function frameOf([height, width]: RealMap["shape"], side: number): Frame {
  const unit = side / Math.max(height, width);
  return [width * unit, height * unit];
}

/** Scales in pixels of the map, 0-based at pixel centers, rows downwards. */
export const pixelScales = ([height, width]: RealMap["shape"]): Required<Pick<PlotOptions, "x" | "y">> => ({
  x: { domain: [-0.5, width - 0.5] },
  y: { domain: [height - 0.5, -0.5] },
});

/** What all axes of the figures have in common: a centered label, short ticks, few of them. */
const axisStyle = { labelAnchor: "center", labelArrow: "none", tickSize: 4, ticks: 4 } as const;

/** Space below a frame for `xAxis`, and left of it for `yAxis` with values of up to four characters. */
export const axisSpace = { below: 36, left: 56 } as const;

export const xAxis = (label: string, options: AxisXOptions = {}): Markish =>
  axisX({ ...axisStyle, label, labelOffset: axisSpace.below - 5, ...options });

export const yAxis = (label: string | null, options: AxisYOptions = {}): Markish =>
  axisY({ ...axisStyle, label, labelOffset: axisSpace.left - 10, ...options });

/** Whole pixels, without a comma in thousands. */
export const wholePixels = { tickFormat: "d" } as const;

/** Ticks alone, where the frame beside this one has the values. */
export const noValues = { label: null, tickFormat: () => "" } as const;

export const borderMark = (): Markish => border({ stroke: "#777" });

/** A map in color with axes in pixels; `marks` are drawn over it, in the same pixels. */
export async function mapPanel(
  map: RealMap,
  colors: readonly [ColorMapName, Range],
  frame: Frame,
  margins: Margins,
  marks: readonly Markish[],
): Promise<Panel> {
  return panel(frame, margins, {
    ...pixelScales(map.shape),
    marks: [
      await mapLayer(map, colors, frame),
      ...marks,
      borderMark(),
      xAxis("x (px)", { ...wholePixels, ...(margins.bottom < axisSpace.below ? noValues : {}) }),
      margins.left > 0 ? yAxis("y (px)", wholePixels) : yAxis(null, noValues),
    ],
  });
}

/** Where the values of a color bar stand; ticks where Plot would choose too many. */
export interface BarScale {
  readonly type?: "linear" | "log" | "pow";
  readonly exponent?: number;
  readonly ticks?: readonly number[];
}

/** A horizontal color bar with its values above (`top`) or below it. */
export async function colorBar(
  [colorMap, range]: readonly [ColorMapName, Range],
  label: string,
  frame: Frame,
  side: "top" | "bottom",
  { ticks, ...scale }: BarScale = {},
): Promise<Panel> {
  const colors = rampOf(colorMap);
  const url = await pngUrl(colors, colors.length / 4, 1);
  const margins = { top: 0, right: 0, bottom: 0, left: 0, [side]: axisSpace.below };
  const chosen = ticks && { ticks, tickFormat: String };
  return panel(frame, margins, {
    x: { domain: [...range], ...scale },
    y: { domain: [0, 1], axis: null },
    marks: [frameImage(url, frame), borderMark(), xAxis(label, { anchor: side, ...chosen })],
  });
}
