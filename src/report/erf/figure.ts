import type { Calibration } from "../../calibration/schema.ts";
import type { RealMap } from "../../core/tensor.ts";
import { marginalsOf } from "../../erf/shape/profiles.ts";
import { fittedSurface } from "../../fit/result.ts";
import { gaussianMap } from "../../fit/surface.ts";
import { symmetricRangeOf } from "../color.ts";
import { erfColors, inUnits } from "./colors.ts";
import { ellipseMarks, fieldMarks, fieldText } from "./marks.ts";
import { heading, key, noteSize, paragraph, type ErfFigure } from "./text.ts";
import { axisSpace, colorBar, frameOf, mapPanel, type Frame } from "../map-panel.ts";
import { columnProfile, rowProfile } from "../profile-panel.ts";
import { figure, place, textLine, type Panel, type SvgElement } from "../svg.ts";
import { sharesOf, type ScaleName } from "../value-scale.ts";

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
  warning: warnings[0]?.message ?? null,
});

/** Longer side of a frame. */
const side = 172;
const left = 60;
const top = 118;
const barHeight = 8;
const right = left + side + axisSpace.left + 16;
const width = right + side + 14;

/**
 * The effective receptive field with its fitted Gaussian (ellipses at 1 and 2 sigma) and the frame of the theoretical one,
 * both marginals and the residual, as one SVG. All frames show the map's pixels at one scale and align. The letters of its 490 units' width are 6 pt high
 * over a column of 85 mm.
 */
export async function erfFigure(of: ErfFigure): Promise<{ readonly svg: string }> {
  const frame = frameOf(of.map.shape, side);
  const lower = top + frame[1] + axisSpace.below + 14;
  const end = lower + frame[1] + axisSpace.below;

  const shares = sharesOf(of.map);
  const fitted = of.fit && gaussianMap(fittedSurface(of.fit), of.map.shape);
  const [erf, erfBar] = await erfPanels(shares, of, frame);
  const [columns, rows] = profilePanels(shares, fitted, frame);
  const aligned = [
    textLine(left, top + frame[1] + 18, [fieldText(of.field, of.map.shape)], { "font-size": noteSize }),
    place(erfBar, left, top - 6 - barHeight),
    place(erf, left, top),
    place(rows, right, top),
    place(columns, left, lower),
  ];
  const head = [...heading(of, width - 20), ...key(right, top - 8, fitted !== null)];
  if (fitted === null) {
    const reason = paragraph(of.warning ?? "No Gaussian is reported.", right, lower + 12, side);
    return { svg: figure(width, end + 8, of.title, [...head, ...aligned, ...reason.lines]) };
  }
  const [residual, residualBar] = await residualPanels(shares, fitted, frame);
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
): Promise<[map: Panel, bar: Panel]> {
  const { shown, colors, bar } = erfColors(map, scale);
  const pixel = frame[0] / map.shape[1];
  const marks = [
    ...(field === null ? [] : fieldMarks(field, map.shape)),
    ...(fit ? ellipseMarks(fittedSurface(fit), pixel) : []),
  ];
  return [
    await mapPanel(shown, colors, frame, { ...axes, bottom: 0 }, marks),
    await colorBar(bar.colors, bar.label, [frame[0], barHeight], "top", bar.scale),
  ];
}

async function residualPanels(
  map: RealMap,
  fitted: RealMap,
  frame: Frame,
): Promise<[map: Panel, bar: Panel]> {
  const residual = { ...map, data: map.data.map((value, pixel) => value - (fitted.data[pixel] ?? 0)) };
  const colors = ["blue-red", symmetricRangeOf(residual)] as const;
  const { label, ...bar } = inUnits(colors, "measured − fitted");
  return [
    await mapPanel(residual, colors, frame, axes, []),
    await colorBar(bar.colors, label, [frame[0], barHeight], "bottom"),
  ];
}

function profilePanels(map: RealMap, fitted: RealMap | null, frame: Frame): [columns: Panel, rows: Panel] {
  const [measured, curve] = [marginalsOf(map), fitted && marginalsOf(fitted)];
  return [
    columnProfile({ measured: measured.x, fitted: curve?.x ?? null }, map.shape, frame, axes),
    rowProfile({ measured: measured.y, fitted: curve?.y ?? null }, map.shape, frame, { ...axes, left: 8 }),
  ];
}
