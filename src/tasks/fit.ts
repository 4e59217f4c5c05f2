import { basename, dirname, resolve } from "node:path";
import { z } from "zod";
import type { RealMap } from "../core/tensor.ts";
import { fitMap } from "../fit/fit.ts";
import { jackknife } from "../fit/jackknife.ts";
import { warnedOfLogarithm } from "../fit/logarithm.ts";
import type { FitResult } from "../fit/result.ts";
import { figureFiles, type FigureOutput } from "../report/figure-files.ts";
import type { ScaleName } from "../report/value-scale.ts";
import { numbersFromText, option, type CheckedOptions } from "./option.ts";
import { fitOptions } from "./probe/probe.ts";

const centerWords = "expected x and y in pixels";
const pixel = z.number(centerWords);

export const fitTaskOptions = {
  ...fitOptions,
  theoreticalCenter: option(z.strictObject({ x: pixel, y: pixel }, centerWords), {
    group: "advanced",
    describe:
      "x,y of the theoretical receptive field's center in pixels: a fitted center far from it gets a warning",
    fromText: (text) => {
      const [x, y, ...more] = numbersFromText(text);
      return more.length > 0 ? text : { x, y };
    },
  }),
} as const;

/** A fit, and the scale of what was fitted. */
export interface FittedMap extends FitResult {
  /** Sum of the map's values, by which it was divided: amplitude and background times it are in the map's own unit. */
  readonly mapSum: number;
}

/**
 * Fits a map of the effective receptive field.
 * @param blocks sums over blocks of photographs, which add up to the map: intervals are then over photographs
 */
export function fitted(
  map: RealMap,
  { fitModel: model, theoreticalCenter }: CheckedOptions<typeof fitTaskOptions>,
  blocks?: readonly RealMap[],
): FittedMap {
  const fitting = { model, theoreticalCenter: theoreticalCenter ?? null };
  const result = fitMap(map, fitting);
  const mapSum = map.data.reduce((sum, value) => sum + value, 0);
  return {
    ...(blocks === undefined ? warnedOfLogarithm(map, result) : jackknife(blocks, result, fitting)),
    mapSum,
  };
}

/** What names a map among others: its file, and the folder that it is in, for many maps are called erf.npy. */
export const mapName = (path: string): string =>
  [basename(dirname(resolve(path))), basename(path).replace(/\.np[yz]$/i, "")]
    .filter((part) => part !== "")
    .join(".");

/** The record as a file. */
export const recordFile = (record: FittedMap): Record<string, Uint8Array | string> => ({
  "fit.json": `${JSON.stringify(record, null, 2)}\n`,
});

/** A fit's files by name: the record, the figure. */
export async function fitFiles(
  title: string,
  map: RealMap,
  record: FittedMap,
  { figureScale, ...output }: FigureOutput & { readonly figureScale: ScaleName },
): Promise<Record<string, Uint8Array | string>> {
  // Loaded once there is something to draw: the drawing libraries take longer to load than all the rest.
  const { erfFigure, mapFigure } = await import("../report/erf/figure.ts");
  const { svg } = await erfFigure({ ...mapFigure(map, record, figureScale), title }, output.style);
  return { ...recordFile(record), ...(await figureFiles("fit", svg, output)) };
}
