import type { Calibration } from "../../calibration/schema.ts";
import type { RealMap } from "../../core/tensor.ts";
import { marginalsOf } from "../../fit/moments.ts";
import { fittedSurface, type FitResult } from "../../fit/result.ts";
import { gaussianMap } from "../../fit/surface.ts";
import { symmetricRangeOf } from "../color.ts";
import { erfColors, inUnits } from "./colors.ts";
import { ellipseMarks, fieldMarks, fieldText } from "./marks.ts";
import { heading, key, noteSize, paragraph, type ErfFigure } from "./text.ts";
import { axisSpace, colorBar, frameOf, mapPanel, type Frame } from "../map-panel.ts";
import { columnProfile, rowProfile } from "../profile-panel.ts";
import { figure, place, textLine, type Panel, type SvgElement } from "../svg.ts";
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

/** Longer side of a frame. */
const side = 172;
const left = 60;
const top = 118;
const barHeight = 8;
const right = left + side + axisSpace.left + 16;
const width = right + side + 14;

/** Side of the picture of the whole input, and its place above the right frames. */
const whole = { side: 38, top: 58 } as const;

/**
 * The effective receptive field with its fitted Gaussian (ellipses at 1 and 2 sigma) and the frame of the theoretical one,
 * both marginals and the residual, as one SVG. All frames show the map's pixels at one scale and align. Of a small field they
 * show its part of the map, and a small picture of the whole input shows where that is. The figure is as wide as a page's
 * text: at 7 in its letters are 11 pt high, and 9 pt in the notes.
 */
export async function erfFigure(of: ErfFigure): Promise<{ readonly svg: string }> {
  const window = windowOf(of.map.shape, of.fit, of.field);
  const frame = frameOf([window.height, window.width], side);
  const lower = top + frame[1] + axisSpace.below + 14;
  const end = lower + frame[1] + axisSpace.below;

  const shares = sharesOf(of.map);
  const fitted = of.fit && gaussianMap(fittedSurface(of.fit), of.map.shape);
  const [erf, erfBar] = await erfPanels(shares, of, frame, window);
  const [columns, rows] = profilePanels(shares, fitted, frame, window);
  const aligned = [
    textLine(left, top + frame[1] + 18, [fieldText(of.field, of.map.shape)], { "font-size": noteSize }),
    place(erfBar, left, top - 6 - barHeight),
    place(erf, left, top),
    place(rows, right, top),
    place(columns, left, lower),
    ...(isWhole(window, of.map.shape) ? [] : await wholeInput(shares, of.scale, window)),
  ];
  const head = [...heading(of, width - 20), ...key(right, top - 8, fitted !== null)];
  if (fitted === null) {
    const reason = paragraph(of.warning ?? "No Gaussian is reported.", right, lower + 12, side);
    return { svg: figure(width, end + 8, of.title, [...head, ...aligned, ...reason.lines]) };
  }
  const [residual, residualBar] = await residualPanels(shares, fitted, frame, window);
  const note = paragraph(of.warning ?? "", 10, end + 64, width - 20);
  const parts: SvgElement[] = [
    ...head,
    ...aligned,
    place(residual, right, lower),
    place(residualBar, right, end + 8),
    ...note.lines,
  ];
  return { svg: figure(width, end + 56 + note.height, of.title, parts) };
}

const axes = { top: 0, right: 0, bottom: axisSpace.below, left: axisSpace.left } as const;

async function erfPanels(
  map: RealMap,
  { fit, field, scale }: Pick<ErfFigure, "fit" | "field" | "scale">,
  frame: Frame,
  window: Window,
): Promise<[map: Panel, bar: Panel]> {
  const { shown, colors, bar } = erfColors(map, scale);
  const pixel = frame[0] / window.width;
  const marks = [
    ...(field === null ? [] : fieldMarks(field, map.shape, window)),
    ...(fit ? ellipseMarks(fittedSurface(fit), pixel, window) : []),
  ];
  return [
    await mapPanel(shown, colors, frame, { ...axes, bottom: 0 }, marks, window),
    await colorBar(bar.colors, bar.label, [frame[0], barHeight], "top", bar.scale),
  ];
}

async function residualPanels(
  map: RealMap,
  fitted: RealMap,
  frame: Frame,
  window: Window,
): Promise<[map: Panel, bar: Panel]> {
  const residual = { ...map, data: map.data.map((value, pixel) => value - (fitted.data[pixel] ?? 0)) };
  const colors = ["blue-red", symmetricRangeOf(residual)] as const;
  const { label, ...bar } = inUnits(colors, "measured − fitted");
  return [
    await mapPanel(residual, colors, frame, axes, [], window),
    await colorBar(bar.colors, label, [frame[0], barHeight], "bottom"),
  ];
}

/** The whole map, with a frame around what the other pictures show of it. */
async function wholeInput(map: RealMap, scale: ScaleName, window: Window): Promise<readonly SvgElement[]> {
  const { shown, colors } = erfColors(map, scale);
  const [wide] = frameOf(map.shape, whole.side);
  const x = right + side - wide;
  const words = ["whole input,", `${map.shape[1]} × ${map.shape[0]} px`];
  return [
    place(await locator(shown, colors, window, whole.side), x, whole.top),
    ...words.map((line, k) =>
      textLine(x - 6, whole.top + 12 + 1.35 * noteSize * k, [line], {
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
