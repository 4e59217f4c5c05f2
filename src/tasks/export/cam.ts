import { z } from "zod";
import { classifier, type LoadedModel } from "../../calibration/loaded-model.ts";
import { type CamGraphRequest, camGraph } from "../../cam/cam-graph.ts";
import { camGrid } from "../../cam/cam.ts";
import { classIndexOf } from "../../cam/class-choice.ts";
import { columnTitle, type CamColumn, columnsFrom } from "../../cam/columns.ts";
import { openExplainer } from "../../cam/explain.ts";
import { latticeWarnings } from "../../cam/lattice.ts";
import { camMethods, graphMethods } from "../../cam/methods.ts";
import { upsamplers } from "../../cam/upsamplers.ts";
import { ErfitError, optionText } from "../../core/error.ts";
import { random } from "../../core/random.ts";
import { at, keysOf } from "../../core/required.ts";
import { float32, sizeOf } from "../../core/tensor.ts";
import type { Preprocessing } from "../../input/preprocessing.ts";
import { isAssumed } from "../../input/resolve.ts";
import { layerText } from "../../runtime/layers.ts";
import type { Network } from "../../runtime/network.ts";
import type { Context } from "../context.ts";
import { graphOf, type ExportedGraph, type Facts } from "./file.ts";
import { oneOf, option, withFacts, type CheckedOptions } from "../option.ts";
import { gaussianOf, gaussianOptions, remarkWarnings } from "../options/gaussian.ts";
import { remarkImport } from "../options/images.ts";
import {
  camLayerOf,
  layerOptions,
  remarkClassNames,
  remarkOutput,
  remarkProbability,
} from "../options/layer.ts";
import { columnOptions, methodChoice, normalizeOptions, scoreOptions } from "../options/methods.ts";
import type { OpenModel } from "../options/model.ts";

/** Whether a method's own conditions can fail here: CAM's linear head, a gradient that reaches more than a class token. */
const needsTrial = ({ column: { method }, layer: { grid } }: CamGraphRequest): boolean =>
  camMethods[method].requires === "linear head" || grid.prefixTokens > 0;

/**
 * Draws one random image the usual way, where a method may refuse the network: what is no map should be no file either.
 * @throws ErfitError the method's refusal
 */
async function tryOut(network: Network, request: CamGraphRequest): Promise<void> {
  if (!needsTrial(request)) return;
  const { layer, score, classIndex, column } = request;
  const explainer = await openExplainer(network, layer, {
    score,
    images: 1,
    requirements: new Set([camMethods[column.method].requires]),
    classes: classIndex === undefined ? "predicted" : "given",
  });
  try {
    const { shape } = network.input;
    const next = random(0);
    const image = float32(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => next()),
    );
    const [explained] = await explainer.explain(image, classIndex === undefined ? undefined : [classIndex]);
    if (explained === undefined) throw new Error("an image has a class to explain");
    await camGrid(column.method, explained);
  } finally {
    await explainer.release();
  }
}

const classWords = "expected the index of a class, its label, or top";

export const exportCamOptions = {
  method: option(methodChoice, {
    group: "method",
    alias: "m",
    default: "extended",
    describe: `one of ${graphMethods.join(", ")}`,
  }),
  upsampling: option(oneOf(keysOf(upsamplers)), {
    group: "method",
    alias: "u",
    describe: "how grid cells become pixels",
    otherwise: "gaussian for Extended-CAM with a calibration, else bilinear",
  }),
  class: option(z.union([z.int().min(0), z.string().min(1)], classWords), {
    group: "method",
    default: "top",
    describe: "class to explain: an index, a label, or top, each image's predicted one",
  }),
  relu: withFacts(columnOptions.relu, { describe: "negative cells become zero, or stay" }),
  ...gaussianOptions,
  ...scoreOptions,
  ...normalizeOptions,
  ...layerOptions,
} as const;

type ExportCamOptions = CheckedOptions<typeof exportCamOptions>;

/** The class to explain; undefined for the predicted one. */
function classOf(
  given: number | string,
  { network: { logits }, classNames }: LoadedModel,
): number | undefined {
  if (given === "top") return undefined;
  const index = classIndexOf(String(given), classNames);
  const classes = sizeOf(logits.shape);
  if (index < classes) return index;
  throw new ErfitError(
    `${optionText("class", index)} does not exist: the model's scores "${logits.name}" are of ${classes} classes, 0 to ${classes - 1}`,
  );
}

/** How the map is drawn, for the file's metadata. */
function drawing({ method, upsampling, rectify }: CamColumn): Facts {
  const how = { method, relu: rectify, upsampling: upsampling.by };
  if (upsampling.by !== "gaussian") return how;
  const { sigmaX, sigmaY, position, normalize } = upsampling;
  return { ...how, sigma_x: sigmaX, sigma_y: sigmaY, position, normalize_kernel: normalize };
}

/** What turns a photograph into the graph's input, where the model records it. */
const preprocessingFacts = (chosen: Preprocessing): Facts =>
  isAssumed(chosen) ? {} : { preprocessing: JSON.stringify(chosen) };

/**
 * One graph from the image to scores, class index, grid and class activation map.
 * @throws ErfitError for a TF.js model, and for a method that is no graph or that the network does not allow
 */
export async function exportedCam(
  options: ExportCamOptions,
  { model: loaded, preprocessing }: OpenModel,
  context: Context,
): Promise<ExportedGraph> {
  const model = classifier(loaded, options.scoreFrom);
  const { network } = model;
  const graph = graphOf(model);
  const { score, normalize, upsampling, method, relu } = options;
  remarkImport(model, context);
  remarkOutput(model, context);
  if (score === "probability") remarkProbability(model, context);
  if (options.class !== "top" && !/^\d+$/.test(String(options.class))) remarkClassNames(model, context);
  const layer = camLayerOf(model, options, context);
  const { gaussian, warnings: ofCalibration } = await gaussianOf(options, { model, preprocessing }, layer);
  const column = at(
    columnsFrom({ method: [method], relu, ...(upsampling && { upsampling: [upsampling] }) }, gaussian),
    0,
  );
  const { height, width } = network.input;
  const warnings = [
    ...(column.upsampling.by === "gaussian" ? ofCalibration : []),
    ...latticeWarnings([column.upsampling], [layer.grid.height, layer.grid.width], [height, width]),
  ];
  remarkWarnings(warnings, context);
  const classIndex = classOf(options.class, model);
  const request = {
    layer,
    logits: network.logits.name,
    classIndex,
    score,
    probability: network.probability,
    column,
    normalization: normalize,
    size: [height, width],
  } as const;
  const written = camGraph(graph, request);
  await tryOut(network, request);
  const explained = classIndex ?? "top";
  return {
    model,
    graph: written,
    name: `${layer.label}.${column.method}`,
    what: `${columnTitle(column)}: layer ${layerText(layer)}, class ${explained}, ${score}`,
    facts: {
      export: "cam",
      layer: layer.label,
      tensor: layer.name,
      class: explained,
      score,
      output: network.output.name,
      ...(score === "probability" ? { score_from: network.probability } : {}),
      normalize,
      ...drawing(column),
      ...preprocessingFacts(preprocessing()),
      ...(warnings.length === 0 ? {} : { warnings: warnings.map(({ code }) => code).join(" ") }),
    },
    warnings,
  };
}
