import { line, type Markish } from "@observablehq/plot";
import { interpolateViridis } from "d3-scale-chromatic";
import type { ComparedErf } from "../../calibration/comparison/compared.ts";
import { fittedSurface } from "../../fit/result.ts";
import type { RealMap } from "../../core/tensor.ts";
import { marginalsOf } from "../../fit/moments.ts";
import { rangeOf } from "../color.ts";
import { ellipseMarks, fieldMarks } from "../erf/marks.ts";
import { erfColors } from "../erf/colors.ts";
import {
  axisSpace,
  borderMark,
  colorBar,
  mapPanel,
  xAxis,
  yAxis,
  type BarScale,
  type Frame,
} from "../map-panel.ts";
import { figure, panel, place, svgElement, textLine, type Panel, type SvgElement } from "../svg.ts";
import { elided, overPhotographs, withUncertainty } from "../text.ts";
import { sharesOf, type ScaleName } from "../value-scale.ts";

/** A calibration with its map. */
export interface PicturedErf extends ComparedErf {
  readonly map: RealMap;
}

export interface ComparisonPicture {
  readonly erfs: readonly PicturedErf[];
  readonly scale: ScaleName;
  /** Whether equal colors are equal values; else each map goes to its own greatest. */
  readonly sharedColors: boolean;
}

const width = 490;
const left = 52;
const gap = 16;
/** Two where they fill their rows, else three. */
const mapsPerRow = (count: number): number => (count === 2 || count === 4 ? 2 : 3);
/** Of the largest map's longer side; all maps have as many units a pixel. */
const sideOf = (perRow: number): number => (width - left - 14 - (perRow - 1) * gap) / perRow;
const barHeight = 7;
/** Above a map: three lines of words, and the values of the color bar. */
const above = 72;
const profileHeight = 130;

/** Okabe and Ito's colors (2008) that show on white, apart also without color vision; many lines go from dark to light. */
const distinct = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "black"] as const;
const colorOf = (place: number, count: number): string =>
  distinct[count > distinct.length ? Infinity : place] ?? interpolateViridis((0.9 * place) / (count - 1));

/**
 * ERFs side by side, as many units to a pixel in each, with their fits and theoretical fields; and below, their profiles
 * over the distance from the fitted center. One SVG of the width of the other figures.
 */
export async function comparisonFigure(picture: ComparisonPicture): Promise<{ readonly svg: string }> {
  const { erfs } = picture;
  const maps = erfs.map(({ map }) => sharesOf(map));
  const perRow = mapsPerRow(erfs.length);
  const side = sideOf(perRow);
  const unit = side / Math.max(...maps.flatMap(({ shape }) => [...shape]));
  const bound = picture.sharedColors ? Math.max(...maps.map((map) => rangeOf(map)[1])) : undefined;
  const rowHeight = above + unit * Math.max(...maps.map(({ shape }) => shape[0])) + 26;
  const parts = await Promise.all(
    erfs.map((erf, k) => {
      const [row, column] = [Math.floor(k / perRow), k % perRow];
      const corner = [left + column * (side + gap), 14 + row * rowHeight] as const;
      return erfPart(erf, maps[k] ?? erf.map, {
        picture,
        unit,
        bound,
        color: colorOf(k, erfs.length),
        corner,
        side,
        lowest: k + perRow >= erfs.length,
      });
    }),
  );
  const profilesTop = 14 + Math.ceil(erfs.length / perRow) * rowHeight + 22;
  const profiles = profilePanels(erfs, maps).map((one, k) =>
    place(one, left + k * (profileWidth + left + 6), profilesTop),
  );
  const height = profilesTop + profileHeight + axisSpace.below + 8;
  const title = `Effective receptive fields: ${erfs.map(({ label }) => label).join(", ")}`;
  return { svg: figure(width, height, title, [...parts.flat(), ...profiles]) };
}

interface Place {
  readonly picture: ComparisonPicture;
  readonly unit: number;
  readonly bound: number | undefined;
  readonly color: string;
  readonly corner: readonly [x: number, y: number];
  readonly side: number;
  /** Whether no map is below it. */
  readonly lowest: boolean;
}

/** One map with its words and color bar. */
async function erfPart(
  { label, fit, calibration }: PicturedErf,
  map: RealMap,
  { picture, unit, bound, color, corner: [x, y], side, lowest }: Place,
): Promise<readonly SvgElement[]> {
  const frame: Frame = [unit * map.shape[1], unit * map.shape[0]];
  const { shown, colors, bar } = erfColors(map, picture.scale, bound);
  const { receptiveField } = calibration.layer;
  const marks = [
    ...(receptiveField === null ? [] : fieldMarks(receptiveField, map.shape)),
    ...ellipseMarks(fittedSurface(fit), unit),
  ];
  const sigmaLine = (line: number, axis: string, sigma: typeof fit.sigmaX) =>
    textLine(
      x,
      y + 12 * line,
      ["σ", { subscript: axis }, ` = ${withUncertainty(sigma.value, overPhotographs(fit, sigma))} px`],
      { "font-size": 9.5 },
    );
  const top = y + above;
  const first = x === left;
  const margins = { top: 0, right: 0, bottom: lowest ? axisSpace.below : 0, left: first ? 40 : 0 };
  return [
    svgElement("line", { x1: x, x2: x + 12, y1: y - 4, y2: y - 4, stroke: color, "stroke-width": 2.4 }),
    textLine(x + 17, y, [elided(label, side - 17, 10)], { "font-size": 10, "font-weight": "bold" }),
    sigmaLine(1, "X", fit.sigmaX),
    sigmaLine(2, "Y", fit.sigmaY),
    place(
      await colorBar(bar.colors, "", [frame[0], barHeight], "top", narrow(bar.scale)),
      x,
      top - 5 - barHeight,
    ),
    textLine(x, top - 34, [bar.label], { "font-size": 9 }),
    place(await mapPanel(shown, colors, frame, margins, marks), x, top),
  ];
}

/** Of a logarithm's ticks, each second one: a narrow bar has no room for more. */
const narrow = (scale: BarScale): BarScale =>
  scale.type === "log" && scale.ticks
    ? { ...scale, ticks: scale.ticks.toReversed().filter((_, place) => place % 2 === 0) }
    : scale;

const profileWidth = (width - 2 * left - 20) / 2;

/** Shares per column, and per row, over the distance from the fitted center. */
function profilePanels(erfs: readonly PicturedErf[], maps: readonly RealMap[]): readonly Panel[] {
  const marginals = maps.map(marginalsOf);
  const axes = [
    { along: "x", center: "centerX", label: "x − center (px)" },
    { along: "y", center: "centerY", label: "y − center (px)" },
  ] as const;
  return axes.map(({ along, center, label }, k) => {
    const curves = erfs.map(({ fit }, place) =>
      Array.from(
        marginals[place]?.[along] ?? [],
        (share, pixel) => [pixel - fit[center].value, 100 * share] as const,
      ),
    );
    const marks: readonly Markish[] = curves.map((curve, place) =>
      line(curve, { stroke: colorOf(place, erfs.length), strokeWidth: 1.2, clip: "frame" }),
    );
    const reach = 1.1 * Math.max(...erfs.map(({ fit }) => 4 * Math.max(fit.sigmaX.value, fit.sigmaY.value)));
    return panel(
      [profileWidth, profileHeight],
      { top: 0, right: 0, bottom: axisSpace.below, left },
      {
        x: { domain: [-reach, reach] },
        y: { domain: [0, 1.06 * Math.max(...curves.flat().map(([, share]) => share))] },
        marks: [
          ...marks,
          borderMark(),
          xAxis(label, { tickFormat: "d" }),
          yAxis(k === 0 ? "share per line (%)" : null, { labelOffset: left - 8 }),
        ],
      },
    );
  });
}
