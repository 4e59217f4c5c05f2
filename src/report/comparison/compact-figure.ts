import { doubtsOf } from "../../calibration/comparison/doubts.ts";
import { fittedSurface } from "../../fit/result.ts";
import { ink, rangeOf } from "../color.ts";
import { erfColors } from "../erf/colors.ts";
import { ellipseMarks, fieldMarks } from "../erf/marks.ts";
import { locator } from "../locator.ts";
import { colorBar, scaledPanel, type Frame } from "../map-panel.ts";
import { figure, place, svgElement, textLine, type SvgElement } from "../svg.ts";
import { elided, proseRoom, wrapped } from "../text.ts";
import { sharesOf } from "../value-scale.ts";
import { isWhole } from "../window.ts";
import { depthPanel, depthSpace } from "./depth-panel.ts";
import { groupsOf, type Group } from "./groups.ts";
import { coloringOf, framingOf, titleOf, type Framed, type StyledPicture } from "./pictured.ts";

const edge = 10;
const gap = 7;
/** Units of a map's side at least. */
const leastSide = 52;

/** The pictures of a row, and their sides. */
interface Grid {
  readonly perRow: number;
  readonly side: number;
}

function gridOf(width: number): Grid {
  const perRow = Math.floor((width - 2 * edge + gap) / (leastSide + gap));
  return { perRow, side: (width - 2 * edge - (perRow - 1) * gap) / perRow };
}
/** Above a map: its name, and its sigma. */
const words = 20;
const below = 9;
const stageHead = 30;
const [titleSize, noteSize, nameSize, sigmaSize] = [9, 7.5, 7, 7];
const locatorSide = 22;

/**
 * Many ERFs as small multiples, a group of them for each stage; in a group all show as many pixels. Below them is sigma
 * against the place in the network, which takes the place of profiles that nobody could tell apart.
 */
export async function compactFigure(picture: StyledPicture): Promise<{ readonly svg: string }> {
  const { erfs, style } = picture;
  const grid = gridOf(style.width);
  const bound = picture.sharedColors
    ? Math.max(...erfs.map(({ map }) => rangeOf(sharesOf(map))[1]))
    : undefined;
  const groups = groupsOf(erfs);
  const { elements, height: keyHeight } = await key(picture, bound);
  const parts: SvgElement[] = [...elements];
  let top = keyHeight;
  for (const line of linesOf(groups, grid.perRow)) {
    const drawn = await Promise.all(
      line.map(({ group, column }) =>
        groupPart(group, picture, bound, grid, [edge + column * (grid.side + gap), top]),
      ),
    );
    parts.push(...drawn.flatMap(({ elements }) => elements));
    top += Math.max(...drawn.map(({ height }) => height));
  }
  if (style.mapOnly) return { svg: figure(style, top, titleOf(erfs), parts) };
  const depth = depthPanel(groups, style.width - edge);
  parts.push(place(depth, depthSpace.left, top + depthSpace.above));
  const height = top + depthSpace.above + depthSpace.height + depthSpace.below;
  return { svg: figure(style, height, titleOf(erfs), parts) };
}

/** Pictures that a group's heading takes at least. */
const headColumns = 3;

interface PlacedGroup {
  readonly group: Group;
  /** Of its first picture. */
  readonly column: number;
}

/** Groups one below the other, and beside each other where the line has room. */
function linesOf(groups: readonly Group[], perRow: number): readonly (readonly PlacedGroup[])[] {
  const lines: PlacedGroup[][] = [];
  let next = perRow;
  for (const group of groups) {
    const columns = Math.max(group.erfs.length, headColumns);
    const fits = next + columns <= perRow;
    if (fits) lines.at(-1)?.push({ group, column: next });
    else lines.push([{ group, column: 0 }]);
    next = (fits ? next : 0) + columns;
  }
  return lines;
}

/** What the lines and the colors mean, and where the pictures begin. */
async function key(
  picture: StyledPicture,
  bound: number | undefined,
): Promise<{ readonly elements: readonly SvgElement[]; readonly height: number }> {
  const { erfs, sharedColors, scale, style } = picture;
  const size = 8;
  const small = { "font-size": size };
  const [first] = erfs;
  const ownColors = `${scale} colors, each map's own: the last is its greatest value`;
  const sentences = [
    "solid 1σ, dashed 2σ, dotted: theoretical field; σ in px along x × y",
    ...(sharedColors ? [] : [ownColors]),
  ];
  const room = style.width - 2 * edge;
  const lines = sentences.flatMap((words) => wrapped(words, proseRoom(room), size));
  const doubted = erfs.some((erf) => doubtsOf(erf).length > 0);
  const beside = doubted && style.width >= wideKey;
  const warning = (y: number) =>
    textLine(style.width - edge, y, ["⚠ a warning puts σ in doubt"], {
      ...small,
      fill: ink.vermilion,
      "text-anchor": "end",
    });
  const count = lines.length + (doubted && !beside ? 1 : 0);
  const words = [
    ...lines.map((line, k) => textLine(edge, 14 + 12 * k, [line], small)),
    ...(doubted ? [warning(beside ? 14 : 14 + 12 * (count - 1))] : []),
  ];
  const end = 12 + 12 * count;
  if (!sharedColors || first === undefined) return { elements: words, height: end };
  const { bar } = erfColors(sharesOf(first.map), coloringOf(picture), bound);
  const drawn = await colorBar(bar.colors, "", [180, 6], "bottom", bar.scale);
  return {
    elements: [...words, textLine(edge + 188, end + 3, [bar.label], small), place(drawn, edge, end - 3)],
    height: end + 34,
  };
}

/** So wide, the first line has room for the word on warnings. */
const wideKey = 470;

async function groupPart(
  { title, erfs }: Group,
  picture: StyledPicture,
  bound: number | undefined,
  { perRow, side }: Grid,
  [x, top]: readonly [x: number, y: number],
): Promise<{ readonly elements: readonly SvgElement[]; readonly height: number }> {
  const { all, longest } = framingOf(erfs, Infinity);
  const unit = side / longest;
  const cellHeight = words + Math.max(...all.map(({ window }) => unit * window.height)) + below;
  const cells = await Promise.all(
    all.map((one, k) =>
      cell(
        one,
        picture,
        bound,
        [unit, side],
        [x + (k % perRow) * (side + gap), top + stageHead + Math.floor(k / perRow) * cellHeight],
      ),
    ),
  );
  const columns = Math.min(Math.max(erfs.length, headColumns), perRow);
  const across = columns * (side + gap) - gap;
  return {
    elements: [...(await groupHead(title, all, picture, bound, [x, top, across])), ...cells.flat()],
    height: stageHead + Math.ceil(erfs.length / perRow) * cellHeight,
  };
}

/** The group's name, how much of the input its pictures show, and where that is. */
async function groupHead(
  title: string,
  [first]: readonly Framed[],
  picture: StyledPicture,
  bound: number | undefined,
  [x, top, across]: readonly [x: number, y: number, width: number],
): Promise<readonly SvgElement[]> {
  const rule = svgElement("line", {
    ...{ x1: x, x2: x + across, y1: top, y2: top },
    stroke: "#bbb",
    "stroke-width": 0.6,
  });
  const room = across - locatorSide - 4;
  const bold = { "font-size": titleSize, "font-weight": "bold" };
  const name = textLine(x, top + 13, [elided(title, room, titleSize)], bold);
  if (first === undefined) return [rule, name];
  const { shares, window } = first;
  const [high, wide] = shares.shape;
  const note = (text: string) => textLine(x, top + 24, [text], { "font-size": noteSize });
  if (isWhole(window, shares.shape)) return [rule, name, note(`the whole input, ${wide} × ${high} px`)];
  const { shown, colors } = erfColors(shares, coloringOf(picture), bound);
  return [
    rule,
    name,
    note(`${window.width} × ${window.height} px of ${wide} × ${high}`),
    place(await locator(shown, colors, window, locatorSide), x + across - locatorSide, top + 4),
  ];
}

async function cell(
  { erf, shares, window }: Framed,
  picture: StyledPicture,
  bound: number | undefined,
  [unit, side]: readonly [unit: number, side: number],
  [x, y]: readonly [x: number, y: number],
): Promise<readonly SvgElement[]> {
  const frame: Frame = [unit * window.width, unit * window.height];
  const { shown, colors } = erfColors(shares, coloringOf(picture), bound);
  const { receptiveField } = erf.calibration.layer;
  const { sigmaX, sigmaY } = erf.fit;
  const doubted = doubtsOf(erf).length > 0;
  const marks = [
    ...(receptiveField === null ? [] : fieldMarks(receptiveField, shares.shape, window, 0.6)),
    ...ellipseMarks(fittedSurface(erf.fit), unit, window, true),
  ];
  return [
    textLine(x, y + 7, [elided(erf.label, side, nameSize)], { "font-size": nameSize }),
    textLine(x, y + 16, [`${digits(sigmaX.value)} × ${digits(sigmaY.value)}`], { "font-size": sigmaSize }),
    ...(doubted
      ? [
          textLine(x + side, y + 16, ["⚠"], {
            "font-size": sigmaSize,
            "text-anchor": "end",
            fill: ink.vermilion,
          }),
        ]
      : []),
    place(await scaledPanel(shown, colors, frame, marks, window, 6), x, y + words),
  ];
}

/** Three digits: 0.84, 3.3 as 3.30, 31.0, 120. */
const digits = (value: number): string =>
  value.toFixed(Math.min(Math.max(2 - Math.floor(Math.log10(value)), 0), 2));
