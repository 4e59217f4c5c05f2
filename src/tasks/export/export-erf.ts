import { chosenCell } from "../../calibration/loaded-model.ts";
import type { Context } from "../context.ts";
import { flag, option, type CheckedOptions } from "../option.ts";
import { remarkImport } from "../options/images.ts";
import { cellChoiceOf, cellOptions, layerOf, layerOptions, remarkOutput } from "../options/layer.ts";
import type { OpenModel } from "../options/model.ts";
import { protocolOptions } from "../probe/probe.ts";
import { erfGraph } from "./erf-graph.ts";
import { graphOf, type ExportedGraph } from "./file.ts";

export const exportErfOptions = {
  ...layerOptions,
  ...cellOptions,
  ...protocolOptions,
  raw: option(flag, {
    group: "output",
    default: false,
    describe: "return the gradient itself, in the image's shape",
  }),
} as const;

/** One graph from the image to its share of the effective receptive field. @throws ErfitError for a TF.js model */
export function exportedErf(
  options: CheckedOptions<typeof exportErfOptions>,
  { model: subject }: OpenModel,
  context: Context,
): ExportedGraph {
  const network = graphOf(subject);
  remarkImport(subject, context);
  if (options.layer === undefined) remarkOutput(subject, context);
  const layer = layerOf(subject, options, context);
  const { cell } = chosenCell(subject, layer, cellChoiceOf(options));
  const { protocol, raw } = options;
  return {
    subject,
    graph: erfGraph(network, { input: subject.network.input, layer, cell, protocol, raw }),
    what: `Gradient of cell ${cell.join(",")} of layer "${layer.name}" by the image, protocol ${protocol}`,
    facts: { export: "erf", layer: layer.name, cell: cell.join(","), protocol, raw },
  };
}
