import { chosenCell } from "../../calibration/loaded-model.ts";
import { protocols, type ProtocolName } from "../../erf/protocols.ts";
import { extend, type Builder } from "../../graph/builder.ts";
import type { Graph, Value } from "../../graph/graph.ts";
import { valueIn, withOutputs } from "../../graph/outputs.ts";
import { cellAt } from "../../runtime/feature-grid.ts";
import { layerText, type Layer } from "../../runtime/layers.ts";
import type { ImageInput } from "../../runtime/network.ts";
import { fastGradient } from "../../runtime/rewrites/fast-gradient.ts";
import type { Context } from "../context.ts";
import { graphOf, type ExportedGraph } from "./file.ts";
import { flag, option, type CheckedOptions } from "../option.ts";
import { remarkImport } from "../options/images.ts";
import { cellChoiceOf, cellOptions, layerOf, layerOptions, remarkOutput } from "../options/layer.ts";
import type { OpenModel } from "../options/model.ts";
import { protocolOptions } from "../probe/probe.ts";

interface ErfGraphRequest {
  readonly input: ImageInput;
  readonly layer: Layer;
  readonly cell: readonly [row: number, column: number];
  readonly protocol: ProtocolName;
  /** Return the gradient as it is, before the protocol collapses its colors. */
  readonly raw: boolean;
}

/**
 * The gradient of one cell by the image as a graph of its own. It takes the image and returns the image's share of the
 * effective receptive field, `map` `[height, width]`; or, raw, `gradient` in the image's shape.
 * @throws ErfitError where the cell is outside the layer or there is no gradient
 */
function erfGraph(network: Graph, { input, layer, cell, protocol, raw }: ErfGraphRequest): Graph {
  const { graph, gradient } = fastGradient(network, {
    target: valueIn(network, layer.name),
    objective: protocols[protocol].objective(cellAt(layer.grid, ...cell)),
    withRespectTo: valueIn(network, input.name),
    cone: true,
  });
  if (raw) return withOutputs(graph, { gradient });
  const g = extend(graph);
  const map = protocols[protocol].expression(g, colorsFirst(g, gradient, input));
  return withOutputs(g.build([]), { map });
}

const colorsFirst = (g: Builder, gradient: Value, { layout }: ImageInput): Value => {
  const planes = layout === "NCHW" ? gradient : g.transpose(gradient, [0, 3, 1, 2]);
  return g.reshape(planes, planes.shape.slice(1));
};

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
  { model }: OpenModel,
  context: Context,
): ExportedGraph {
  const network = graphOf(model);
  remarkImport(model, context);
  if (options.layer === undefined) remarkOutput(model, context);
  const layer = layerOf(model, options, context);
  const { cell } = chosenCell(model, layer, cellChoiceOf(options));
  const { protocol, raw } = options;
  return {
    model,
    graph: erfGraph(network, { input: model.network.input, layer, cell, protocol, raw }),
    name: `${layer.label}.erf`,
    what: `Gradient of cell ${cell.join(",")} of layer ${layerText(layer)} by the image, protocol ${protocol}`,
    facts: { export: "erf", layer: layer.label, tensor: layer.name, cell: cell.join(","), protocol, raw },
    warnings: [],
  };
}
