import type { Calibration } from "../../calibration/schema.ts";
import type { RealMap } from "../../core/tensor.ts";
import { marginalsOf } from "../../fit/moments.ts";
import { fittedSurface, type FitResult } from "../../fit/result.ts";
import { gaussianMap } from "../../fit/surface.ts";
import { symmetricRangeOf } from "../color.ts";
import { defaultStyle, leastWidth, requireWidth, type FigureStyle } from "../figure-style.ts";
import { erfColors, inUnits, type ErfColoring } from "./colors.ts";
import { ellipseMarks, fieldMarks, fieldWords } from "./marks.ts";
import { heading, key, keyWidth, noteSize, paragraph, type ErfFigure } from "./text.ts";
import { axisSpace, colorBar, frameOf, mapPanel, type Frame } from "../map-panel.ts";
import { columnProfile, rowProfile } from "../profile-panel.ts";
import {
  figure,
  place,
  textLine,
  titleLine,
  wordLines,
  type Margins,
  type Panel,
  type SvgElement,
} from "../svg.ts";
import { proseRoom } from "../text.ts";
import { locator } from "../locator.ts";
import { sharesOf, type ScaleName } from "../value-scale.ts";
import { isWhole, windowOf, type Window } from "../window.ts";

/** So many warnings stand in a figure; of others it has the codes. */
const mostSentences = 3;

/** Why there is no Gaussian; or the warnings of the one that there is, all of them. */
function warningNote(fit: unknown, warnings: Calibration["warnings"]): string | null {
  const [first] = warnings;
  if (first === undefined) return null;
  if (fit === null) return first.message;
  const more = warnings.slice(mostSentences).map(({ code }) => code);
  const sentences = warnings.slice(0, mostSentences).map(({ message }) => message);
  return [...sentences, ...(more.length === 0 ? [] : [`Also: ${more.join(", ")}.`])].join(" ");
}

/** A calibration as its picture shows it. */
export const calibrationFigure = (
  map: RealMap,
  { model, layer, images, fit, warnings }: Calibration,
  scale: ScaleName,
): ErfFigure => ({
  title: `${model.file}, ${layer.label}`,
  photographs: images.photographs,
  views: images.views,
  map,
  fit,
  field: layer.receptiveField,
  scale,
  warning: warningNote(fit, warnings),
});

/** A map of which nothing is known but what was fitted to it. */
export const mapFigure = (map: RealMap, fitted: FitResult | undefined, scale: ScaleName): ErfFigure => ({
  title: "Effective receptive field",
  photographs: null,
  map,
  fit: fitted?.fit ?? null,
  field: null,
  scale,
  warning: fitted === undefined ? "No Gaussian was fitted." : warningNote(fitted.fit, fitted.warnings),
});

const left = 60;
const margin = 14;
const top = 118;
const barHeight = 8;

/** Side of the picture of the whole input, and its place above the right frames. */
const whole = { side: 38, top: 58 } as const;

/** Where the frames of a figure of that width are, and their longer side. */
interface Layout {
  readonly side: number;
  readonly right: number;
  readonly width: number;
}

function layoutOf({ width }: FigureStyle): Layout {
  const side = (width - left - axisSpace.left - 16 - margin) / 2;
  return { side, right: left + side + axisSpace.left + 16, width };
}

/**
 * The effective receptive field with its fitted Gaussian (ellipses at 1 and 2 sigma) and the frame of the theoretical one,
 * both marginals and the residual, as one SVG. All frames show the map's pixels at one scale and align. Of a small field they
 * show its part of the map, and a small picture of the whole input shows where that is. The figure is as wide as a page's
 * text: at 7 in its letters are 11 pt high, and 9 pt in the notes. Another width gives or takes room of the frames.
 */
export async function erfFigure(
  of: ErfFigure,
  style: FigureStyle = defaultStyle,
): Promise<{ readonly svg: string }> {
  return style.mapOnly ? mapAlone(of, style) : wholeFigure(of, style);
}

async function wholeFigure(of: ErfFigure, style: FigureStyle): Promise<{ readonly svg: string }> {
  requireWidth(style, leastWidth.figure);
  const layout = layoutOf(style);
  const { side, right, width } = layout;
  const window = windowOf(of.map.shape, of.fit, of.field);
  const frame = frameOf([window.height, window.width], side);
  const head = heading(of, width - 20, style.title);
  const inPart = !isWhole(window, of.map.shape);
  const twoLines = side < keyWidth.one - margin;
  // Two lines of the key stand below the picture of the whole input.
  const upper = top + head.more + (twoLines && inPart && of.fit !== null ? 14 : 0);
  const lower = upper + frame[1] + axisSpace.below + 14;
  const end = lower + frame[1] + axisSpace.below;

  const shares = sharesOf(of.map);
  const coloring = { scale: of.scale, colorMap: style.colorMap };
  const fitted = of.fit && gaussianMap(fittedSurface(of.fit), of.map.shape);
  const [erf, erfBar] = await erfPanels(shares, of, coloring, frame, window);
  const [columns, rows] = profilePanels(shares, fitted, frame, window);
  const field = wordLines(fieldWords(of.field, of.map.shape), " ", proseRoom(right - left), noteSize);
  const aligned = [
    ...head.elements,
    ...key(right, upper - 8, fitted !== null, twoLines),
    ...field.map((line, k) =>
      textLine(left, upper + frame[1] + 18 + 1.35 * noteSize * k, line, { "font-size": noteSize }),
    ),
    place(erfBar, left, upper - 6 - barHeight),
    place(erf, left, upper),
    place(rows, right, upper),
    place(columns, left, lower),
    ...(inPart ? await wholeInput(shares, coloring, window, layout, head.more) : []),
  ];
  if (fitted === null) {
    const reason = paragraph(of.warning ?? "No Gaussian is reported.", right, lower + 12, side);
    const height = Math.max(end, lower + 12 + reason.height) + 8;
    return { svg: figure(style, height, of.title, [...aligned, ...reason.lines]) };
  }
  const [residual, residualBar] = await residualPanels(shares, fitted, frame, window);
  const note = paragraph(of.warning ?? "", 10, end + 64, width - 20);
  const parts: SvgElement[] = [
    ...aligned,
    place(residual, right, lower),
    place(residualBar, right, end + 8),
    ...note.lines,
  ];
  return { svg: figure(style, end + 56 + note.height, of.title, parts) };
}

/** The map with its marks, axes and color bar: a part of a figure that its author puts together. */
async function mapAlone(of: ErfFigure, style: FigureStyle): Promise<{ readonly svg: string }> {
  requireWidth(style, leastWidth.map);
  const window = windowOf(of.map.shape, of.fit, of.field);
  const frame = frameOf([window.height, window.width], style.width - left - margin);
  const coloring = { scale: of.scale, colorMap: style.colorMap };
  const [erf, bar] = await erfPanels(sharesOf(of.map), of, coloring, frame, window, axes);
  const upper = 20 + axisSpace.below + 12 + barHeight;
  const parts = [
    ...(style.title ? titleLine(of.title, style.width) : []),
    place(bar, left, upper - 6 - barHeight),
    place(erf, left, upper),
  ];
  return { svg: figure(style, upper + frame[1] + axisSpace.below + 4, of.title, parts) };
}

const axes = { top: 0, right: 0, bottom: axisSpace.below, left: axisSpace.left } as const;

async function erfPanels(
  map: RealMap,
  { fit, field }: Pick<ErfFigure, "fit" | "field">,
  coloring: ErfColoring,
  frame: Frame,
  window: Window,
  margins: Margins = { ...axes, bottom: 0 },
): Promise<[map: Panel, bar: Panel]> {
  const { shown, colors, bar } = erfColors(map, coloring);
  const pixel = frame[0] / window.width;
  const marks = [
    ...(field === null ? [] : fieldMarks(field, map.shape, window)),
    ...(fit ? ellipseMarks(fittedSurface(fit), pixel, window) : []),
  ];
  return [
    await mapPanel(shown, colors, frame, margins, marks, window),
    await colorBar(bar.colors, bar.label, [frame[0], barHeight], "top", bar.scale),
  ];
}

/** A bar so narrow has no room under it for longer words. */
const narrow = 160;

async function residualPanels(
  map: RealMap,
  fitted: RealMap,
  frame: Frame,
  window: Window,
): Promise<[map: Panel, bar: Panel]> {
  const residual = { ...map, data: map.data.map((value, pixel) => value - (fitted.data[pixel] ?? 0)) };
  const colors = ["blue-red", symmetricRangeOf(residual)] as const;
  const words = frame[0] < narrow ? "residual" : "measured − fitted";
  const { label, ...bar } = inUnits(colors, words);
  return [
    await mapPanel(residual, colors, frame, axes, [], window),
    await colorBar(bar.colors, label, [frame[0], barHeight], "bottom"),
  ];
}

/** The whole map, with a frame around what the other pictures show of it. */
async function wholeInput(
  map: RealMap,
  coloring: ErfColoring,
  window: Window,
  { side, right }: Layout,
  down: number,
): Promise<readonly SvgElement[]> {
  const { shown, colors } = erfColors(map, coloring);
  const [wide] = frameOf(map.shape, whole.side);
  const x = right + side - wide;
  const words = ["whole input,", `${map.shape[1]} × ${map.shape[0]} px`];
  return [
    place(await locator(shown, colors, window, whole.side), x, whole.top + down),
    ...words.map((line, k) =>
      textLine(x - 6, whole.top + down + 12 + 1.35 * noteSize * k, [line], {
        "font-size": noteSize,
        "text-anchor": "end",
      }),
    ),
  ];
}

function profilePanels(
  map: RealMap,
  fitted: RealMap | null,
  frame: Frame,
  window: Window,
): [columns: Panel, rows: Panel] {
  const [measured, curve] = [marginalsOf(map), fitted && marginalsOf(fitted)];
  return [
    columnProfile({ measured: measured.x, fitted: curve?.x ?? null }, window, frame, axes),
    rowProfile({ measured: measured.y, fitted: curve?.y ?? null }, window, frame, { ...axes, left: 8 }),
  ];
}
