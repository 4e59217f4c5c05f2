import { z } from "zod";
import type { ProbeRun, ProbingStep } from "../calibration/probe-run.ts";
import type { ConvergencePoint } from "../calibration/schema.ts";
import { chosenCell } from "../calibration/loaded-model.ts";
import { defaultProtocol, protocolNames, type ProtocolName } from "../erf/protocols.ts";
import type { OptionChecks } from "./check.ts";
import { chosenImages, imageChecks, type ImageOptions } from "./images.ts";
import {
  cellChecks,
  cellChoiceOf,
  layerChecks,
  layerOf,
  type CellOptions,
  type LayerOptions,
} from "./layer-options.ts";
import type { ModelHandle } from "./model.ts";
import { signalCheck, type Abortable } from "./signal.ts";

/** What is probed, how, and with which images. */
export interface ProbeOptions extends LayerOptions, CellOptions, ImageOptions, Abortable {
  /** How gradients become a map; `openerf`, the paper's, by default. */
  readonly protocol?: ProtocolName | undefined;
  /** Views of each photograph: the evaluation crop, and further regions; 1 by default. */
  readonly crops?: number | undefined;
}

/** An image that is done. */
export interface ProbeStep {
  /** Views of photographs that are done, of how many. */
  readonly done: number;
  readonly of: number;
  /** The one just done: the file's name; a further crop carries its number, `cat.jpg#3`. */
  readonly image: string;
  /** Why it could not be used; null where it was. */
  readonly problem: string | null;
  /** Sigma and its 95 % half-width as they stood at the last look; null before the first, and where nothing is fitted. */
  readonly estimate: ConvergencePoint | null;
}

export const probeChecks: OptionChecks<ProbeOptions> = {
  ...layerChecks,
  ...cellChecks,
  ...imageChecks,
  ...signalCheck,
  protocol: z.enum(protocolNames).optional(),
  crops: z.int().min(1).optional(),
};

/** Everything that probing needs. @throws ErfitError for a layer, a cell or images that are not there */
export async function probeRun(
  model: ModelHandle,
  inputs: readonly string[],
  options: ProbeOptions,
): Promise<ProbeRun> {
  const { subject, preprocessing } = model;
  const layer = layerOf(model, options);
  return {
    model: subject,
    layer,
    geometry: chosenCell(subject, layer, cellChoiceOf(options)),
    protocol: options.protocol ?? defaultProtocol,
    photographs: await chosenImages(inputs, options),
    crops: options.crops ?? 1,
    preprocessing,
    shuffled: options.shuffle ?? null,
  };
}

/** A step as a user sees it. */
export const probeStep = ({ done, of, name, problem, estimate }: ProbingStep): ProbeStep => ({
  done,
  of,
  image: name,
  problem,
  estimate,
});
