import { ErfitError, optionText } from "../core/error.ts";
import type { SequentialColorMap } from "./color.ts";

/** What whoever asks for a figure may choose of its looks. Lengths are texts such as `3.35in`. */
export interface FigureChoices {
  readonly width?: string | undefined;
  readonly fontSize?: string | undefined;
  readonly colorMap?: SequentialColorMap | undefined;
  readonly title?: boolean | undefined;
  readonly mapOnly?: boolean | undefined;
}

/** A figure's looks, in units: its letters are `fontSize` units high whatever they are on paper. */
export interface FigureStyle {
  readonly width: number;
  /** Points of a unit on paper; null where no size was asked for, and a unit is a pixel of a web page. */
  readonly pointsPerUnit: number | null;
  readonly colorMap: SequentialColorMap;
  /** Whether the title is drawn; it is what a screen reader says in any case. */
  readonly title: boolean;
  /** Whether the map stands alone, without profiles and residual. */
  readonly mapOnly: boolean;
}

/** Units. A figure of 450 units printed over a column of 85 mm has letters of 6 pt. */
export const fontSize = 11;

export const defaultStyle: FigureStyle = {
  width: 490,
  pointsPerUnit: null,
  colorMap: "viridis",
  title: true,
  mapOnly: false,
};

/** Points of each unit of length. */
const units = { in: 72, mm: 72 / 25.4, cm: 72 / 2.54, pt: 1 } as const;

const isUnit = (text: string): text is keyof typeof units => Object.hasOwn(units, text);

/** A length in points; undefined where the text is none. */
export function pointsOf(text: string): number | undefined {
  const [, number = "", unit = ""] = /^\s*(\d+\.?\d*|\.\d+)\s*([a-z]+)\s*$/.exec(text) ?? [];
  const points = isUnit(unit) ? Number(number) * units[unit] : NaN;
  return points > 0 && Number.isFinite(points) ? points : undefined;
}

/** Points of a pixel of a web page. */
const pixel = 0.75;

/** Letters of a figure whose width is given: what most journals ask for at least. */
const defaultLetters = 7;

/** Units that a figure takes at least: in a narrower one its words would run into each other. */
export const leastWidth = { figure: 316, map: 160, comparedMaps: 200 } as const;

/** Units that a figure takes at most: PDF has no larger page, and a picture no more pixels. */
const mostWidth = 6000;

/**
 * The looks that were chosen.
 * @param least units that the figure takes at least
 * @throws ErfitError where so large letters have no room in so narrow a figure
 */
export function figureStyle(choices: FigureChoices, least: number = leastWidth.figure): FigureStyle {
  const { colorMap = defaultStyle.colorMap, title = true, mapOnly = false } = choices;
  const [width, letters] = [lengthOf("width", choices.width), lengthOf("fontSize", choices.fontSize)];
  if (width === undefined && letters === undefined) return { ...defaultStyle, colorMap, title, mapOnly };
  const points = width ?? defaultStyle.width * pixel;
  const pointsPerUnit = (letters ?? defaultLetters) / fontSize;
  const style = { width: points / pointsPerUnit, pointsPerUnit, colorMap, title, mapOnly };
  requireWidth(style, least);
  return style;
}

function lengthOf(key: "width" | "fontSize", text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const points = pointsOf(text);
  if (points === undefined)
    throw new ErfitError(
      `${optionText(key)}: expected a length such as ${lengthExamples[key]}; found ${text}`,
    );
  return points;
}

export const lengthExamples = { width: "3.35in, 85mm, 8.5cm or 241pt", fontSize: "7pt" } as const;

/** @throws ErfitError where the style's figure is narrower than so many units, or wider than any page */
export function requireWidth({ width, pointsPerUnit }: FigureStyle, least: number): void {
  const points = pointsPerUnit ?? pixel;
  const inches = (count: number) => (count * points) / units.in;
  const letters = Number((fontSize * points).toPrecision(3));
  // Half a unit: a width that was rounded for the message must do.
  if (width < least - 0.5)
    throw new ErfitError(
      `${optionText("width")}: ${Number(inches(width).toPrecision(3))} in are too narrow for letters of ${letters} pt`,
      {
        remedy: `at least ${(Math.ceil(100 * inches(least)) / 100).toFixed(2)} in are needed; or set smaller letters with ${optionText("fontSize")}`,
      },
    );
  if (width > mostWidth)
    throw new ErfitError(
      `${optionText("width")}: ${Number(inches(width).toPrecision(3))} in are too wide for letters of ${letters} pt`,
      {
        remedy: `at most ${Math.floor(inches(mostWidth))} in; or set larger letters with ${optionText("fontSize")}`,
      },
    );
}
