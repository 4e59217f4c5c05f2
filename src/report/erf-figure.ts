import { normalised } from "../fit/grid.ts";
import { fittedSurface } from "../fit/result.ts";
import { gaussianMap } from "../fit/surface.ts";
import type { RealMap } from "../math/tensor.ts";
import { marginalsOf } from "../shape/marginals.ts";
import { rangeOf, symmetricRangeOf, type ColourMapName, type Range } from "./colour.ts";
import { ellipseMarks } from "./ellipse.ts";
import type { ErfFigure } from "./erf-record.ts";
import { heading, key, paragraph } from "./erf-text.ts";
import { axisSpace, colourBar, frameOf, mapPanel, type Frame } from "./map-panel.ts";
import { columnProfile, rowProfile } from "./profile-panel.ts";
import { figure, place, type Panel, type SvgElement } from "./svg.ts";
import { powerOfTen } from "./text.ts";

/** Longer side of a frame. */
const side = 172;
const left = 60;
const top = 118;
const bar = 8;
const right = left + side + axisSpace.left + 16;
const width = right + side + 14;

/**
 * The effective receptive field with its fitted Gaussian (ellipses at 1 and 2 sigma), both marginals and the residual, as
 * one SVG. All frames show the map's pixels at one scale and align. The letters of its 490 units' width are 6 pt high
 * over a column of 85 mm.
 */
export async function erfFigure(of: ErfFigure): Promise<{ readonly svg: string }> {
  const frame = frameOf(of.map.shape, side);
  const lower = top + frame[1] + axisSpace.below + 14;
  const end = lower + frame[1] + axisSpace.below;

  const shares = sharesOf(of.map);
  const fitted = of.fit && gaussianMap(fittedSurface(of.fit), of.map.shape);
  const [erf, erfBar] = await erfPanels(shares, of.fit, frame);
  const [columns, rows] = profilePanels(shares, fitted, frame);
  const aligned = [
    place(erfBar, left, top - 6 - bar),
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
  fit: ErfFigure["fit"],
  frame: Frame,
): Promise<[map: Panel, bar: Panel]> {
  const [unit, power] = powerOfTen(rangeOf(map)[1]);
  const colours = inUnits("viridis", [Math.min(0, rangeOf(map)[0]), rangeOf(map)[1]], unit);
  return [
    await mapPanel(
      scaled(map, unit),
      colours,
      frame,
      { ...axes, bottom: 0 },
      fit ? ellipseMarks(fittedSurface(fit)) : [],
    ),
    await colourBar(colours, `share per pixel${power}`, [frame[0], bar], "top"),
  ];
}

async function residualPanels(
  map: RealMap,
  fitted: RealMap,
  frame: Frame,
): Promise<[map: Panel, bar: Panel]> {
  const residual = { ...map, data: map.data.map((value, pixel) => value - (fitted.data[pixel] ?? 0)) };
  const [unit, power] = powerOfTen(symmetricRangeOf(residual)[1]);
  const colours = inUnits("blue-red", symmetricRangeOf(residual), unit);
  return [
    await mapPanel(scaled(residual, unit), colours, frame, axes, []),
    await colourBar(colours, `measured − fitted${power}`, [frame[0], bar], "bottom"),
  ];
}

function profilePanels(map: RealMap, fitted: RealMap | null, frame: Frame): [columns: Panel, rows: Panel] {
  const [measured, curve] = [marginalsOf(map), fitted && marginalsOf(fitted)];
  return [
    columnProfile({ measured: measured.x, fitted: curve?.x ?? null }, map.shape, frame, axes),
    rowProfile({ measured: measured.y, fitted: curve?.y ?? null }, map.shape, frame, { ...axes, left: 8 }),
  ];
}

/** The map divided by its sum, as it was fitted; a map without a positive sum is drawn as it is. */
function sharesOf(map: RealMap): RealMap {
  const shares = normalised(map);
  return shares.data.every(Number.isFinite) ? shares : map;
}

const scaled = (map: RealMap, unit: number): RealMap => ({
  ...map,
  data: map.data.map((value) => value / unit),
});

const inUnits = (
  colourMap: ColourMapName,
  [low, high]: Range,
  unit: number,
): readonly [ColourMapName, Range] => [colourMap, [low / unit, high / unit]];
