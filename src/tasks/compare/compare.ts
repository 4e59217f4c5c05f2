import { z } from "zod";
import { comparable } from "../../calibration/comparison/compared.ts";
import { growthOf } from "../../calibration/comparison/growth.ts";
import { pairTests } from "../../calibration/comparison/difference.ts";
import type { PicturedErf } from "../../report/comparison/figure.ts";
import type { Comparison } from "../../report/comparison/tables.ts";
import { flag, option, type CheckedOptions } from "../option.ts";
import { comparedFiles } from "./files.ts";

export const compareOptions = {
  labels: option(z.array(z.string(), "expected the labels").readonly(), {
    group: "output",
    describe: "what to call them: a,b,c",
    otherwise: "what tells them apart: layer, model",
    fromText: (text) => text.split(",").map((label) => label.trim()),
  }),
  anyProtocol: option(flag, {
    group: "advanced",
    default: false,
    describe: "compare what was measured by different protocols, or fitted by different models",
  }),
} as const;

/** Calibrations side by side, with the maps of each. */
export interface ComparedErfs {
  readonly comparison: Comparison;
  readonly erfs: readonly PicturedErf[];
}

/** @throws ErfitError for a calibration that is missing, given twice, or not comparable with the others */
export async function compared(
  { labels, anyProtocol }: CheckedOptions<typeof compareOptions>,
  calibrations: readonly string[],
): Promise<ComparedErfs> {
  const { erfs, unfitted } = await comparedFiles(calibrations, labels);
  const left = unfitted.map((layer) => `layer "${layer}" holds no Gaussian, and is left out.`);
  const remarks = [...comparable(erfs, anyProtocol), ...left];
  return { comparison: { compared: erfs, tests: pairTests(erfs), growth: growthOf(erfs), remarks }, erfs };
}
