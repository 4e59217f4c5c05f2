import { line, type Markish } from "@observablehq/plot";
import type { BarScale } from "../value-scale.ts";
import { interpolateViridis } from "d3-scale-chromatic";
import { doubtsOf } from "../../calibration/comparison/doubts.ts";
import { at } from "../../core/required.ts";
import { fittedSurface } from "../../fit/result.ts";
import type { RealMap } from "../../core/tensor.ts";
import { marginalsOf } from "../../fit/moments.ts";
import { ink, rangeOf } from "../color.ts";
import { ellipseMarks, fieldMarks } from "../erf/marks.ts";
import { erfColors } from "../erf/colors.ts";
import {
  axisSpace,
  borderMark,
  colorBar,
  mapPanel,
  scaledPanel,
  xAxis,
  yAxis,
  type Frame,
} from "../map-panel.ts";
import { defaultStyle, leastWidth, requireWidth, type FigureStyle } from "../figure-style.ts";
import { figure, panel, place, svgElement, textLine, type Panel, type SvgElement } from "../svg.ts";
import { elided, overPhotographs, withUncertainty } from "../text.ts";
import { locator } from "../locator.ts";
import { isWhole } from "../window.ts";
import { compactFigure } from "./compact-figure.ts";
import {
  coloringOf,
  framingOf,
  titleOf,
  type ComparisonPicture,
  type Framed,
  type PicturedErf,
  type StyledPicture,
} from "./pictured.ts";

const left = 52;
const gap = 16;
/** Units of a map's side at least: its sigmas stand above it. */
const leastSide = 125;
/** As many as have room in equal rows: of four, two where three have. */
function mapsPerRow(count: number, width: number): number {
  const most = Math.max(Math.floor((width - left - 14 + gap) / (leastSide + gap)), 1);
  return count === 1 ? most : Math.ceil(count / Math.ceil(count / most));
}
/** Of the largest map's longer side; all maps have as many units a pixel. */
const sideOf = (perRow: number, width: number): number => (width - left - 14 - (perRow - 1) * gap) / perRow;
const barHeight = 7;
/** Above a map: three lines of words, and the values of the color bar. */
const above = 72;
const profileHeight = 130;
/** Of the line that names a fit's warnings. */
const [warningLine, warningSize] = [11, 7.5];
/** Of the picture of a whole input, beside the sigmas. */
const locatorSide = 26;

/** Okabe and Ito's colors (2008) that show on white, apart also without color vision; many lines go from dark to light. */
const distinct = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "black"] as const;
const colorOf = (place: number, count: number): string =>
  distinct[count > distinct.length ? Infinity : place] ?? interpolateViridis((0.9 * place) / (count - 1));

/**
 * ERFs side by side with their fits and theoretical fields, and below them their profiles over the distance from the fitted
 * center; more than a few as small multiples. One SVG of the width of the other figures.
 */
export function comparisonFigure(
  compared: ComparisonPicture,
  style: FigureStyle = defaultStyle,
): Promise<{ readonly svg: string }> {
  requireWidth(style, style.mapOnly ? leastWidth.comparedMaps : leastWidth.figure);
  const picture = { ...compared, style: { ...style, title: true } };
  return picture.erfs.length > mostInDetail ? compactFigure(picture) : detailedFigure(picture);
}

/** So many have a color bar each, and their profiles in one frame; more are a compact grid. */
const mostInDetail = 6;

/** Fields of like size at one scale; else each at its own, with a bar that shows it. */
async function detailedFigure(picture: StyledPicture): Promise<{ readonly svg: string }> {
  const { erfs, style } = picture;
  const { width } = style;
  const { all, oneScale, longest } = framingOf(erfs);
  const maps = all.map(({ shares }) => shares);
  const perRow = mapsPerRow(erfs.length, width);
  const side = sideOf(perRow, width);
  const frames = all.map(({ window: { width: w, height: h } }): Frame => {
    const unit = side / (oneScale ? longest : Math.max(w, h));
    return [unit * w, unit * h];
  });
  const bound = picture.sharedColors ? Math.max(...maps.map((map) => rangeOf(map)[1])) : undefined;
  const warned = all.some(({ erf }) => doubtsOf(erf).length > 0);
  const head = above + (warned ? warningLine : 0);
  const rowHeight = head + Math.max(...frames.map(([, high]) => high)) + (oneScale ? 26 : 18);
  const parts = await Promise.all(
    all.map((one, k) => {
      const [row, column] = [Math.floor(k / perRow), k % perRow];
      return erfPart(one, {
        picture,
        frame: at(frames, k),
        bound,
        color: colorOf(k, erfs.length),
        corner: [left + column * (side + gap), 14 + row * rowHeight],
        head,
        side,
        axes: oneScale ? { values: column === 0, lowest: k + perRow >= erfs.length } : null,
      });
    }),
  );
  const profilesTop = 14 + Math.ceil(erfs.length / perRow) * rowHeight + (oneScale ? 22 : 4);
  if (style.mapOnly)
    return { svg: figure(style, profilesTop + (oneScale ? 0 : 8), titleOf(erfs), parts.flat()) };
  const profileWidth = (width - 2 * left - 20) / 2;
  const profiles = profilePanels(erfs, maps, profileWidth).map((one, k) =>
    place(one, left + k * (profileWidth + left + 6), profilesTop),
  );
  const height = profilesTop + profileHeight + axisSpace.below + 8;
  return { svg: figure(style, height, titleOf(erfs), [...parts.flat(), ...profiles]) };
}

interface Place {
  readonly picture: StyledPicture;
  readonly frame: Frame;
  readonly bound: number | undefined;
  readonly color: string;
  readonly corner: readonly [x: number, y: number];
  /** Height of what stands above the map. */
  readonly head: number;
  readonly side: number;
  /** What axes there are: the rows' values beside it, the columns' values where no map is below it. Null: a bar shows the scale. */
  readonly axes: { readonly values: boolean; readonly lowest: boolean } | null;
}

/** One map with its words and color bar; of a part of the map, a picture of the whole. */
async function erfPart(
  { erf, shares: map, window }: Framed,
  { picture, frame, bound, color, corner: [x, y], head, side, axes }: Place,
): Promise<readonly SvgElement[]> {
  const { label, fit, calibration } = erf;
  const { shown, colors, bar } = erfColors(map, coloringOf(picture), bound);
  const { receptiveField } = calibration.layer;
  const marks = [
    ...(receptiveField === null ? [] : fieldMarks(receptiveField, map.shape, window)),
    ...ellipseMarks(fittedSurface(fit), frame[0] / window.width, window),
  ];
  const sigmaLine = (line: number, axis: string, sigma: typeof fit.sigmaX) =>
    textLine(
      x,
      y + 12 * line,
      ["σ", { subscript: axis }, ` = ${withUncertainty(sigma.value, overPhotographs(fit, sigma))} px`],
      { "font-size": 9 },
    );
  const top = y + head;
  const doubts = doubtsOf(erf).join(", ");
  return [
    svgElement("line", { x1: x, x2: x + 12, y1: y - 4, y2: y - 4, stroke: color, "stroke-width": 2.4 }),
    textLine(x + 17, y, [elided(label, side - 17, 10)], { "font-size": 10, "font-weight": "bold" }),
    sigmaLine(1, "X", fit.sigmaX),
    sigmaLine(2, "Y", fit.sigmaY),
    ...(doubts === ""
      ? []
      : [
          textLine(x, y + 24 + warningLine, [elided(`⚠ ${doubts}`, side, warningSize)], {
            "font-size": warningSize,
            fill: ink.vermilion,
          }),
        ]),
    ...(isWhole(window, map.shape)
      ? []
      : [place(await locator(shown, colors, window, locatorSide), x + side - locatorSide, y + 4)]),
    place(
      await colorBar(bar.colors, "", [frame[0], barHeight], "top", narrow(bar.scale)),
      x,
      top - 5 - barHeight,
    ),
    textLine(x, top - 34, [bar.label], { "font-size": 9 }),
    place(
      axes === null
        ? await scaledPanel(shown, colors, frame, marks, window)
        : await mapPanel(shown, colors, frame, margins(axes), marks, window),
      x,
      top,
    ),
  ];
}

const margins = ({ values, lowest }: NonNullable<Place["axes"]>) => ({
  ...{ top: 0, right: 0 },
  bottom: lowest ? axisSpace.below : 0,
  left: values ? 40 : 0,
});

/** Of a logarithm's ticks, each second one: a narrow bar has no room for more. */
const narrow = (scale: BarScale): BarScale =>
  scale.type === "log" && scale.ticks
    ? { ...scale, ticks: scale.ticks.toReversed().filter((_, place) => place % 2 === 0) }
    : scale;

/** Shares per column, and per row, over the distance from the fitted center. */
function profilePanels(
  erfs: readonly PicturedErf[],
  maps: readonly RealMap[],
  profileWidth: number,
): readonly Panel[] {
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
          xAxis(label, { tickFormat: "d", ...(profileWidth < 150 ? { ticks: 2 } : {}) }),
          yAxis(k === 0 ? "share per line (%)" : null, { labelOffset: left - 8 }),
        ],
      },
    );
  });
}
