import { z } from "zod";
import { classChoiceFrom } from "../../cam/class-choice.ts";
import { columnTitle, type CamColumn, columnsFrom } from "../../cam/columns.ts";
import { latticeWarnings } from "../../cam/lattice.ts";
import { camMethods, type CamMethodName } from "../../cam/methods.ts";
import { defaultCamOptions, type CamOptions } from "../../cam/options.ts";
import { ErfitError, optionText } from "../../core/error.ts";
import { keysOf } from "../../core/required.ts";
import { layerText } from "../../runtime/layers.ts";
import type { Context } from "../context.ts";
import { several, type CheckedOptions } from "../option.ts";
import { calibrationName, gaussianOptions, remarkWarnings } from "../options/gaussian.ts";
import { imageOptions, remarkPreprocessing } from "../options/images.ts";
import { layerOptions } from "../options/layer.ts";
import {
  camOptionsOf,
  columnOptions,
  methodParameters,
  normalizeOptions,
  scoreOptions,
} from "../options/methods.ts";
import { explainedBy } from "../options/explained.ts";
import type { OpenModel } from "../options/model.ts";
import type { CamRun } from "./explain-all.ts";

const classWords = "expected the index of a class, its label, or top1, top2, …";

export const camOptions = {
  ...columnOptions,
  class: several(z.union([z.int().min(0), z.string().min(1)], classWords), {
    group: "method",
    describe: "classes to explain: indices, labels, or top5 for the five highest scores",
    otherwise: "the predicted one",
  }),
  ...gaussianOptions,
  ...scoreOptions,
  ...normalizeOptions,
  ...methodParameters,
  ...layerOptions,
  ...imageOptions,
} as const;

export type CamTaskOptions = CheckedOptions<typeof camOptions>;

/**
 * Class activation maps of images, decided in every part; `explainAll` draws them.
 * @throws ErfitError where the layer, a class or the images are not there, where the calibration is of another model, layer or
 * preprocessing, * and for an option that nothing would read
 */
export async function camRun(
  options: CamTaskOptions,
  opened: OpenModel,
  images: readonly string[],
  context: Context,
): Promise<CamRun> {
  const { sources, model, layer, gaussian, warnings } = await explainedBy(options, opened, images, context);
  const columns = columnsFrom(options, gaussian);
  refuseUnread(options, columns);
  const { classNames, network } = model;
  const { grid } = layer;
  const { height, width } = network.input;
  const run: CamRun = {
    model,
    layer,
    columns,
    classes: classChoiceFrom((options.class ?? []).map(String), classNames, network.logits),
    score: options.score,
    options: camOptionsOf(options),
    normalization: options.normalize,
    sources,
    preprocessing: opened.preprocessing(),
    warnings: [
      ...(columns.some(isGaussian) ? warnings : []),
      ...latticeWarnings(
        columns.map(({ upsampling }) => upsampling),
        [grid.height, grid.width],
        [height, width],
      ),
    ],
  };
  context.info(`${model.file}: layer ${layerText(layer)}, ${columns.map(columnTitle).join("; ")}`);
  remarkPreprocessing(run.preprocessing, context);
  remarkWarnings(run.warnings, context);
  if (gaussian === undefined && options.method.includes("extended") && options.upsampling === undefined)
    context.info("no calibration given: Extended-CAM is upsampled bilinearly, not as the paper has it");
  if (gaussian !== undefined && !columns.some(isGaussian))
    context.info(
      `${calibrationName(options.calibration) ?? "the calibration"} is not used: no column has Gaussian upsampling`,
    );
  return run;
}

const isGaussian = ({ upsampling }: CamColumn): boolean => upsampling.by === "gaussian";

/** Who reads a parameter of the methods: its name, and a test of a column. */
interface Readers {
  readonly who: string;
  readonly read: (column: CamColumn) => boolean;
}

const methods = (...names: readonly CamMethodName[]): Readers => ({
  who: names.map((name) => camMethods[name].title).join(" and "),
  read: ({ method }) => names.includes(method),
});

const smooth = methods("smooth-grad-cam++");

const readers: { readonly [K in keyof CamOptions]: Readers } = {
  noiseSamples: smooth,
  noise: smooth,
  noiseUnit: smooth,
  plusPlusEpsilon: methods("grad-cam++", "smooth-grad-cam++"),
  pixelWeights: smooth,
  scoreMask: methods("score-cam"),
  ablateTo: methods("ablation-cam"),
  eigenSign: methods("eigencam", "eigengradcam"),
  seed: {
    who: `${smooth.who} and the controls`,
    read: (column) => column.control !== null || smooth.read(column),
  },
};

type Unread = Pick<
  CamTaskOptions,
  keyof CamOptions | "calibration" | "anyCalibration" | "sigma" | "position" | "normalizeKernel"
>;

/** @throws ErfitError for an option that differs from its default and that no column reads */
export function refuseUnread(options: Unread, columns: readonly CamColumn[]): void {
  for (const key of keysOf(readers)) {
    const { who, read } = readers[key];
    if (options[key] !== defaultCamOptions[key] && !columns.some(read)) throw unread(key, who);
  }
  if (!columns.some(isGaussian)) {
    if (options.position !== gaussianOptions.position.default)
      throw unread("position", "Gaussian upsampling");
    if (options.normalizeKernel) throw unread("normalizeKernel", "Gaussian upsampling");
    if (options.sigma !== undefined) throw unread("sigma", "Gaussian upsampling");
  }
  if (options.anyCalibration && options.calibration === undefined)
    throw unread("anyCalibration", optionText("calibration"));
}

/** An option that is for something that was not asked for. */
export const unread = (key: string, reader: string): ErfitError =>
  new ErfitError(`${optionText(key)} is for ${reader}: nothing here would read it`);
