import { z } from "zod";
import {
  chosenCamLayer,
  chosenLayer,
  defaultLayerRemarks,
  type CellChoice,
  type LoadedModel,
} from "../../calibration/loaded-model.ts";
import { ErfitError, optionText } from "../../core/error.ts";
import { sizeOf } from "../../core/tensor.ts";
import { layerText, type Layer } from "../../runtime/layers.ts";
import type { Network, TensorInfo } from "../../runtime/network.ts";
import { looksLikeEmbedding, scoresClasses } from "../../runtime/outputs.ts";
import type { StatedGrid } from "../../runtime/feature-grid.ts";
import type { Context } from "../context.ts";
import { numbersFromText, option, text, wholeNumber, type CheckedOptions } from "../option.ts";

const gridWords = "expected [rows, columns], whole numbers above 0";
const cellWords = "expected [row, column], whole numbers from 0";

/** A pair of whole numbers. */
const pair = (least: number, expected: string) => {
  const one = z.int(expected).min(least, expected);
  return z.tuple([one, one], expected).readonly();
};

export const gridOptions = {
  grid: option(pair(1, gridWords), {
    group: "layer",
    describe: "token grid as rows,columns, when it cannot be inferred; tokens left over come first",
    fromText: numbersFromText,
  }),
} as const;

export const layerOptions = {
  layer: option(text, {
    group: "layer",
    alias: "l",
    describe: "feature map, by tensor or module name",
    otherwise: "the sidecar's, else the last",
  }),
  ...gridOptions,
} as const;

/** A cell of a feature map, in one of two ways. */
export const cellOptions = {
  cell: option(pair(0, cellWords), {
    group: "layer",
    describe: "row,column of the feature map, from 0",
    otherwise: "the central cell",
    fromText: numbersFromText,
  }),
  token: option(wholeNumber(0), {
    group: "layer",
    describe: "token of the feature map, prefix tokens counted",
  }),
} as const;

/** @throws ErfitError where both ways are used */
export function cellChoiceOf({ cell, token }: CheckedOptions<typeof cellOptions>): CellChoice {
  if (cell !== undefined && token !== undefined)
    throw new ErfitError(
      `${optionText("cell")} and ${optionText("token")} name the same thing: give one of them`,
    );
  if (token !== undefined) return { kind: "token", token };
  return cell === undefined ? { kind: "central" } : { kind: "cell", row: cell[0], column: cell[1] };
}

type LayerChoice = CheckedOptions<typeof layerOptions>;

/** The layer that a task works on, with remarks on one that is taken by default. */
export function layerOf(model: LoadedModel, { layer: name, grid }: LayerChoice, { info }: Context): Layer {
  const layer = chosenLayer(model, name, grid);
  if (name === undefined) defaultLayerRemarks(model, layer).forEach(info);
  return layer;
}

/** The layer that class activation maps are drawn at, with remarks on one that is taken by default. */
export function camLayerOf(model: LoadedModel, { layer: name, grid }: LayerChoice, { info }: Context): Layer {
  const layer = chosenCamLayer(model, name, grid);
  if (name !== undefined) return layer;
  defaultLayerRemarks(model, layer).forEach(info);
  const usual = chosenLayer(model, undefined, grid);
  if (usual.name !== layer.name)
    info(
      `${model.file}: the class scores read only the class token of ${layerText(usual)}, so maps are drawn at ${layerText(layer)}, the last layer whose cells reach them; a calibration has to be of that one`,
    );
  return layer;
}

/** Remarks, where another layer is measured, on the one that class activation maps would need. */
export function remarkCamLayer(
  model: LoadedModel,
  layer: Layer,
  grid: StatedGrid | undefined,
  { info }: Context,
): void {
  if (!scoresClasses(model.network)) return;
  const drawn = chosenCamLayer(model, undefined, grid);
  if (drawn.name !== layer.name)
    info(
      `the class scores read only the class token of ${layerText(layer)}: for class activation maps measure ${optionText("layer", `"${drawn.label}"`)}`,
    );
}

const shown = ({ name, shape }: Pick<TensorInfo, "name" | "shape">): string =>
  `"${name}" [${shape.join(", ")}]`;

/** Remarks on which of several outputs the class scores are read from. */
export function remarkOutput({ network, file }: LoadedModel, { info }: Context): void {
  const { output, outputs } = network;
  if (!scoresClasses(network)) return;
  if (outputs.length > 1)
    info(
      `${file}: outputs ${outputs.map(shown).join(", ")}; the class scores are read from "${output.name}" (${optionText("output")} names another)`,
    );
  if (looksLikeEmbedding(network))
    info(
      `${file}: output ${shown(output)} is named like an embedding: what is explained are its elements, and they may not be classes`,
    );
}

/** Remarks on class names that nobody stated. */
export function remarkClassNames({ file, classNamesFrom }: LoadedModel, { info }: Context): void {
  if (classNamesFrom === "ImageNet-1k, assumed") info(`${file}: ${assumedNames}`);
}

/** What is assumed of a thousand scores without names. */
export const assumedNames = `its 1000 scores have no names, and ImageNet-1k's are assumed (${optionText("classNames")} states or leaves them out)`;

/** How scores become probabilities, where it is not by a softmax over all of them. */
const readings: Readonly<Record<Network["probability"], ((network: Network) => string) | null>> = {
  softmax: null,
  sigmoid({ output, logits }) {
    const classes = sizeOf(output.shape);
    if (classes > 1)
      return `each of the ${classes} classes has the probability that a sigmoid gives its score`;
    return output.name === logits.name
      ? "its one score has the probability that a sigmoid gives it"
      : "its probability is that of the sigmoid that it ends in";
  },
  identity: () => "it holds probabilities, which are taken as they are",
  none: () => "its scores are taken as they are, without probabilities",
};

/** Remarks on how scores become probabilities. */
export function remarkProbability({ network, file }: LoadedModel, { info }: Context): void {
  const reading = readings[network.probability];
  if (reading !== null)
    info(
      `${file}: output "${network.output.name}": ${reading(network)} (${optionText("scoreFrom")} changes that)`,
    );
}
