import {
  image,
  line,
  text,
  type Markish,
  axisX,
  axisY,
  frame as border,
  type AxisXOptions,
  type AxisYOptions,
  type PlotOptions,
} from "@observablehq/plot";
import type { RealMap } from "../core/tensor.ts";
import { encodeJpeg, encodePng } from "../input/decode.ts";
import type { Raster } from "../input/raster.ts";
import { paint, type ColorMapName, type Range, rampOf } from "./color.ts";
import type { BarScale } from "./value-scale.ts";
import { panel, type Margins, type Panel } from "./svg.ts";
import { cropped, wholeOf, type Window } from "./window.ts";

/** A PNG for use inside an SVG. */
async function pngUrl(pixels: Uint8Array, width: number, height: number): Promise<string> {
  return urlOf("image/png", await encodePng(pixels, width, height));
}

/** A photograph, or a map over one, for use inside an SVG: a seventh of what its PNG would take. */
export const photographUrl = async (photograph: Raster): Promise<string> =>
  urlOf("image/jpeg", await encodeJpeg(photograph));

const urlOf = (type: string, file: Uint8Array): string =>
  `data:${type};base64,${Buffer.from(file).toString("base64")}`;

/** A picture over the whole frame of a panel. */
const frameImage = (url: string, [width, height]: readonly [number, number]): Markish =>
  image([url], { src: String, frameAnchor: "middle", width, height, preserveAspectRatio: "none" });

/** The map in color over the whole frame of a panel; each pixel of a small map is a square, in every viewer. */
export async function mapLayer(
  map: RealMap,
  [colorMap, range]: readonly [ColorMapName, Range],
  frame: readonly [width: number, height: number],
): Promise<Markish> {
  const [height, width] = map.shape;
  // Viewers blur pictures that they enlarge: one of three pixels a unit, the usual print, they only reduce.
  const factor = width < frame[0] ? Math.ceil((3 * frame[0]) / width) : 1;
  const pixels = repeated(paint(map, colorMap, range), width, factor);
  return frameImage(await pngUrl(pixels, factor * width, factor * height), frame);
}

/** Each pixel (RGBA) as a square of factor x factor pixels. */
function repeated(rgba: Uint8Array, width: number, factor: number): Uint8Array {
  if (factor === 1) return rgba;
  const wide = width * factor;
  const squares = new Uint8Array(rgba.length * factor * factor);
  for (let pixel = 0; pixel < squares.length / 4; pixel++) {
    const [row, column] = [Math.floor(pixel / wide / factor), Math.floor((pixel % wide) / factor)];
    const from = 4 * (row * width + column);
    squares.set(rgba.subarray(from, from + 4), 4 * pixel);
  }
  return squares;
}

/** Width and height of a frame. */
export type Frame = readonly [width: number, height: number];

/** The largest frame of the map's proportions within a square: one pixel is as high as wide. */
export function frameOf([height, width]: RealMap["shape"], side: number): Frame {
  const unit = side / Math.max(height, width);
  return [width * unit, height * unit];
}

/** Scales in pixels of the map, 0-based at pixel centers, rows downwards, over what a window shows. */
export const pixelScales = ({ x, y, width, height }: Window): Required<Pick<PlotOptions, "x" | "y">> => ({
  x: { domain: [x - 0.5, x + width - 0.5] },
  y: { domain: [y + height - 0.5, y - 0.5] },
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
const wholePixels = { tickFormat: "d" } as const;

/** The same along a frame of that many units: numbers of three digits run into each other in a narrow one. */
export const pixelsAlong = (extent: number) => ({ ...wholePixels, ...(extent < 112 ? { ticks: 2 } : {}) });

/** Ticks alone, where the frame beside this one has the values. */
export const noValues = { label: null, tickFormat: () => "" } as const;

export const borderMark = (): Markish => border({ stroke: "#777" });

/** What a window shows of a map, in color with axes in pixels; `marks` are drawn over it, in the map's pixels. */
export async function mapPanel(
  map: RealMap,
  colors: readonly [ColorMapName, Range],
  frame: Frame,
  margins: Margins,
  marks: readonly Markish[],
  window: Window = wholeOf(map.shape),
): Promise<Panel> {
  return panel(frame, margins, {
    ...pixelScales(window),
    marks: [
      await mapLayer(cropped(map, window), colors, frame),
      ...marks,
      borderMark(),
      xAxis("x (px)", { ...pixelsAlong(frame[0]), ...(margins.bottom < axisSpace.below ? noValues : {}) }),
      margins.left > 0 ? yAxis("y (px)", wholePixels) : yAxis(null, noValues),
    ],
  });
}

/** The greatest of 1, 2, 5, 10, 20, … that is no greater. */
function roundLength(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most));
  const digit = most / power;
  return power * (digit >= 5 ? 5 : digit >= 2 ? 2 : 1);
}

/** How long a number of pixels is: a bar in the lower left corner, as of a micrograph. */
function scaleBar({ x, y, width, height }: Window, [frameWidth]: Frame, fontSize: number): Markish[] {
  const length = Math.max(1, roundLength(0.36 * width));
  const edge = (5 / frameWidth) * width;
  const start = x - 0.5 + edge;
  const low = y + height - 0.5 - edge;
  const bar = [start, start + length].map((end) => [end, low] as const);
  return [
    line(bar, { stroke: "black", strokeOpacity: 0.6, strokeWidth: 3.4 }),
    line(bar, { stroke: "white", strokeWidth: 1.8 }),
    text([`${length} px`], {
      x: start,
      y: low,
      dy: -4,
      textAnchor: "start",
      lineAnchor: "bottom",
      fontSize,
      fill: "white",
      stroke: "black",
      strokeWidth: 2,
      strokeOpacity: 0.5,
    }),
  ];
}

/** The same without axes, where many maps of different windows stand side by side: a bar shows the scale. */
export async function scaledPanel(
  map: RealMap,
  colors: readonly [ColorMapName, Range],
  frame: Frame,
  marks: readonly Markish[],
  window: Window,
  fontSize = 9,
): Promise<Panel> {
  const scales = pixelScales(window);
  return panel(
    frame,
    { top: 0, right: 0, bottom: 0, left: 0 },
    {
      x: { ...scales.x, axis: null },
      y: { ...scales.y, axis: null },
      marks: [
        await mapLayer(cropped(map, window), colors, frame),
        ...marks,
        ...scaleBar(window, frame, fontSize),
        borderMark(),
      ],
    },
  );
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
