import { z } from "zod";
import type { RealMap } from "../core/tensor.ts";
import { fitMap } from "../fit/fit.ts";
import { jackknife } from "../fit/jackknife.ts";
import { warnedOfLogarithm } from "../fit/logarithm.ts";
import type { FitResult } from "../fit/result.ts";
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

/**
 * Fits a map of the effective receptive field.
 * @param blocks sums over blocks of photographs, which add up to the map: intervals are then over photographs
 */
export function fitted(
  map: RealMap,
  { fitModel: model, theoreticalCenter }: CheckedOptions<typeof fitTaskOptions>,
  blocks?: readonly RealMap[],
): FitResult {
  const fitting = { model, theoreticalCenter: theoreticalCenter ?? null };
  const result = fitMap(map, fitting);
  return blocks === undefined ? warnedOfLogarithm(map, result) : jackknife(blocks, result, fitting);
}
