import { z } from "zod";
import { keysOf } from "../../core/required.ts";
import { sequentialColorMaps } from "../../report/color.ts";
import { figureFormats, type FigureFormat, type FigureOutput } from "../../report/figure-files.ts";
import { figureStyle, lengthExamples, pointsOf, type FigureChoices } from "../../report/figure-style.ts";
import { scales } from "../../report/value-scale.ts";
import { flag, oneOf, option, several } from "../option.ts";

const length = (example: string): z.ZodType<string> => {
  const expected = `expected a length such as ${example}`;
  return z.string(expected).refine((text) => pointsOf(text) !== undefined, expected);
};

/** Options of every figure: its files and its size. */
export const drawingOptions = {
  format: several(oneOf(figureFormats), {
    group: "output",
    default: ["svg", "png"],
    describe: "files of each figure: svg, png at 300 dots an inch, pdf with its fonts",
  }),
  width: option(length(lengthExamples.width), {
    group: "output",
    describe: "width of figures on paper, in in, mm, cm or pt: 3.35in is a column, 7in are two",
    otherwise: "as on a web page, 5.1in",
  }),
  fontSize: option(length(lengthExamples.fontSize), {
    group: "output",
    describe: "size of the letters of figures; notes are a little smaller",
    otherwise: "7pt with a width, else 8.25pt",
  }),
} as const;

export const titleOption = {
  title: option(flag, {
    group: "output",
    default: true,
    describe: "the title over figures; false leaves it out, for a paper has its own caption",
  }),
} as const;

/** A map's colors, by name. */
export const colorMapSchema = oneOf(sequentialColorMaps);

export const mapOptions = {
  figureScale: option(oneOf(keysOf(scales)), {
    group: "output",
    default: "linear",
    describe: "how values become colors in figures: in proportion, as square root (power), or logarithm",
  }),
  colorMap: option(colorMapSchema, {
    group: "output",
    default: "viridis",
    describe: "colors of the maps in figures",
  }),
  mapOnly: option(flag, {
    group: "output",
    default: false,
    describe: "the map alone, with its axes and color bar: no profiles, residual or further figures",
  }),
} as const;

/** Options of the figures of an effective receptive field. */
export const figureOptions = { ...drawingOptions, ...titleOption, ...mapOptions } as const;

/** What a command's options say of its figures. @throws ErfitError where the letters have no room in the width */
export const figureOutput = (
  { format, ...choices }: FigureChoices & { readonly format: readonly FigureFormat[] },
  least?: number,
): FigureOutput => ({ style: figureStyle(choices, least), formats: format });
