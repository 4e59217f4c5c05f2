import type { Estimate, Estimates, GaussianFit } from "../../fit/result.ts";
import type { ReceptiveField } from "../../autodiff/receptive-field/receptive-field.ts";
import type { RealMap } from "../../core/tensor.ts";
import type { ScaleName } from "../value-scale.ts";
import { curveColors } from "../profile-panel.ts";
import { svgElement, textLine, titleLine, wordLines, type SvgElement, type TextPart } from "../svg.ts";
import { withUncertainty, wrapped } from "../text.ts";

/** A calibration as a picture. */
export interface ErfFigure {
  /** The layer, and what else the reader must know first; shortened in its middle where it is too long. */
  readonly title: string;
  /** null: nobody says of how many photographs the map is. */
  readonly photographs: number | null;
  /** Views that entered the map, where there were several of each photograph. */
  readonly views?: number;
  /** `[height, width]` of the network's input; shown in shares of its sum. */
  readonly map: RealMap;
  readonly fit: (Estimates & Pick<GaussianFit, "rSquared" | "intervalSource">) | null;
  /** Theoretical receptive field of the cell; null where it is not known. */
  readonly field: ReceptiveField | null;
  /** How values become colors; a map with negative values is linear and symmetric all the same. */
  readonly scale: ScaleName;
  /** Said in the figure: why there is no fit, or what to beware of. */
  readonly warning: string | null;
}

export const noteSize = 9;

/** What the uncertainty in the heading is over; see `IntervalSource`. */
const intervals = {
  photographs: "± is the 95 % interval over photographs",
  pixels: "± is the 95 % interval from this map's pixels",
} as const;

/** Space between two lines. */
const linePitch = 15;

/** Title, sigmas with R², the number of photographs; and the height that they take beyond three lines. */
export function heading(
  { title, photographs, views, fit }: Omit<ErfFigure, "map">,
  width: number,
  titled = true,
): { readonly elements: readonly SvgElement[]; readonly more: number } {
  const several = views === undefined || views === photographs ? "" : `, ${views} views`;
  const images = photographs === null ? [] : [`${photographs} photographs${several}`];
  const estimates: readonly (readonly TextPart[])[] = fit
    ? [sigma("X", fit.sigmaX), sigma("Y", fit.sigmaY), [`R² = ${fit.rSquared.toFixed(3)}`]]
    : [["No Gaussian is reported"]];
  const notes = [...images, ...(fit ? [intervals[fit.intervalSource]] : [])].map((words) => [words]);
  const lines = [...wordLines(estimates, ",  ", width), ...wordLines(notes, ";  ", width)];
  return {
    elements: [
      ...(titled ? titleLine(title, width + 20) : []),
      ...lines.map((line, k) => textLine(10, 38 + k * linePitch, line)),
    ],
    more: Math.max(lines.length - 2, 0) * linePitch,
  };
}

const sigma = (axis: string, { value, interval95: [low, high] }: Estimate): TextPart[] => [
  "σ",
  { subscript: axis },
  ` = ${withUncertainty(value, (high - low) / 2)} px`,
];

/** Width of the key in one line, and of one of its entries. */
export const keyWidth = { one: 172, entry: 80 } as const;

/** What the colors mean, in a line that begins at (x, y); or in two, the last of which does. */
export function key(x: number, y: number, withFit: boolean, twoLines = false): SvgElement[] {
  const { measured, fitted } = curveColors;
  const [across, up] = twoLines ? [0, withFit ? 14 : 0] : [92, 0];
  const area = {
    x,
    y: y - up - 8,
    width: 16,
    height: 8,
    fill: measured,
    "fill-opacity": 0.4,
    stroke: measured,
  };
  const curve = {
    x1: x + across,
    x2: x + across + 16,
    y1: y - 4,
    y2: y - 4,
    stroke: fitted,
    "stroke-width": 1.6,
  };
  return [
    svgElement("rect", area),
    textLine(x + 21, y - up, ["measured"]),
    ...(withFit ? [svgElement("line", curve), textLine(x + across + 21, y, ["Gaussian"])] : []),
  ];
}

/** Small text in lines under (x, y), and the height that it takes. */
export function paragraph(
  text: string,
  x: number,
  y: number,
  width: number,
): { lines: SvgElement[]; height: number } {
  const lines = wrapped(text, width, noteSize).filter((line) => line !== "");
  const pitch = 1.35 * noteSize;
  return {
    lines: lines.map((line, i) => textLine(x, y + i * pitch, [line], { "font-size": noteSize })),
    height: lines.length === 0 ? 0 : lines.length * pitch + 8,
  };
}
