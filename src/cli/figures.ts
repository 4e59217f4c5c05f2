import { leastWidth } from "../report/figure-style.ts";
import type { FigureOutput } from "../report/figure-files.ts";
import type { ScaleName } from "../report/value-scale.ts";
import type { CheckedOptions } from "../tasks/option.ts";
import { figureOutput, type figureOptions } from "../tasks/options/figures.ts";

type FigureOptions = CheckedOptions<typeof figureOptions>;

/** How an effective receptive field is drawn and written: checked before there is anything to draw, for a run takes long. */
export const erfOutput = (
  options: FigureOptions,
  least: number = leastWidth.map,
): FigureOutput & { readonly figureScale: ScaleName } => ({
  ...figureOutput(options, options.mapOnly ? least : leastWidth.figure),
  figureScale: options.figureScale,
});
