import type { ProbeRun } from "../../calibration/probe-run.ts";
import { chosenCell, chosenLayers, defaultLayerRemarks } from "../../calibration/loaded-model.ts";
import { ErfitError, optionText } from "../../core/error.ts";
import { defaultProtocol, protocolNames } from "../../erf/protocols.ts";
import { fitChoices } from "../../fit/result.ts";
import { keysOf } from "../../core/required.ts";
import { layerText } from "../../runtime/layers.ts";
import type { Context } from "../context.ts";
import { oneOf, option, withFacts, wholeNumber, type CheckedOptions } from "../option.ts";
import { chosenImages, imageOptions, remarkImport, remarkMeasured } from "../options/images.ts";
import { cellChoiceOf, cellOptions, layerOptions, remarkCamLayer, remarkOutput } from "../options/layer.ts";
import type { OpenModel } from "../options/model.ts";
import { z } from "zod";

export const protocolOptions = {
  protocol: option(oneOf(protocolNames), {
    group: "method",
    default: defaultProtocol,
    describe: "how gradients become a map",
  }),
} as const;

export const probeOptions = {
  ...layerOptions,
  ...cellOptions,
  ...protocolOptions,
  crops: option(wholeNumber(1), {
    group: "input",
    default: 1,
    describe: "views of each photograph: the evaluation crop and further regions",
  }),
  ...imageOptions,
} as const;

export const fitOptions = {
  fitModel: option(oneOf(keysOf(fitChoices)), {
    group: "method",
    default: "gaussian",
    describe:
      "model to fit; auto also fits the others and compares them by AIC and BIC, openerf has OpenERF's start, bounds and tolerances",
  }),
} as const;

const shareWords = "expected a share of sigma between 0 and 1, such as 0.01 or 1%";
const shareFromText = (text: string): unknown => {
  const [, number = "", percent = ""] = /^\s*([\d.]+)\s*(%?)\s*$/.exec(text) ?? [];
  return number === "" ? text : Number(number) / (percent === "" ? 1 : 100);
};

export const calibrateOptions = {
  ...probeOptions,
  layer: withFacts(probeOptions.layer, {
    describe:
      "feature map, by tensor or module name; on the command line also several: a,b,c, a glob (layer*), stages, or all",
  }),
  ...fitOptions,
  until: option(z.number(shareWords).gt(0, shareWords).lt(1, shareWords), {
    group: "method",
    describe: `stop once the 95 % half-widths of both sigmas are below this share: 1%; takes the photographs in random order (${optionText("shuffle", 0)})`,
    fromText: shareFromText,
  }),
} as const;

export type ProbeTaskOptions = CheckedOptions<typeof probeOptions>;

/**
 * One measurement, decided in every part before the first image is touched; `measuring` and `calibrating` carry it out.
 * @throws ErfitError for a layer, a cell or images that are not there
 */
export async function probeRun(
  options: ProbeTaskOptions,
  model: OpenModel,
  images: readonly string[],
  context: Context,
): Promise<ProbeRun> {
  const [run, ...others] = await probeRuns(options, model, images, context);
  if (run === undefined || others.length > 0)
    throw new ErfitError(`${optionText("layer", options.layer ?? "")}: expected one layer`, {
      remedy: "`erfit calibrate` takes several",
    });
  return run;
}

/** One run a layer, where several are named. */
export async function probeRuns(
  options: ProbeTaskOptions,
  { model, preprocessing: resolved }: OpenModel,
  images: readonly string[],
  context: Context,
): Promise<readonly ProbeRun[]> {
  const photographs = await chosenImages(images, options);
  remarkImport(model, context);
  const preprocessing = resolved();
  remarkMeasured(preprocessing, context);
  const { layer: named, grid, protocol, crops, shuffle = null } = options;
  const layers = chosenLayers(model, named, grid);
  if (named === undefined) {
    remarkOutput(model, context);
    for (const layer of layers) {
      defaultLayerRemarks(model, layer).forEach(context.info);
      remarkCamLayer(model, layer, grid, context);
    }
  }
  const choice = cellChoiceOf(options);
  if (layers.length > 1 && choice.kind !== "central")
    throw new ErfitError(`${optionText(choice.kind)}: ${layers.length} layers have cells of their own`, {
      remedy: "name one layer, or leave the cell to be the central one of each",
    });
  return layers.map((layer) => {
    const geometry = chosenCell(model, layer, choice);
    context.info(
      `${model.file}: layer ${layerText(layer)} [${layer.shape.join(", ")}], cell ${geometry.cell.join(",")}, protocol ${protocol}`,
    );
    return {
      model,
      layer,
      geometry,
      protocol,
      photographs,
      crops,
      preprocessing,
      shuffled: shuffle,
    };
  });
}

/** The first photographs of a folder that is ordered by class are not like the others. */
export const shuffledUntil = <O extends Pick<CheckedOptions<typeof calibrateOptions>, "shuffle" | "until">>(
  options: O,
): O => ({ ...options, shuffle: options.shuffle ?? (options.until === undefined ? undefined : 0) });
