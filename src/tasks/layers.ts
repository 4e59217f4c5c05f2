import { chosenLayers, type LoadedModel } from "../calibration/loaded-model.ts";
import { gridRecord } from "../calibration/record.ts";
import { cellAt } from "../runtime/feature-grid.ts";
import { geometryOf } from "../runtime/geometry.ts";
import { layersOf, stagesOf, type Layer } from "../runtime/layers.ts";
import type { Context } from "./context.ts";
import { option, text, type CheckedOptions } from "./option.ts";
import { remarkImport } from "./options/images.ts";
import { gridOptions, layerOf, remarkCamLayer, remarkOutput } from "./options/layer.ts";

export const layersOptions = {
  layer: option(text, {
    group: "layer",
    alias: "l",
    describe: 'list only these: names, a glob such as "layer*", or the word stages',
    otherwise: "stages, and all feature maps",
  }),
  ...gridOptions,
} as const;

/** The rows of the list: feature maps, and the stages of the network, each as the feature map that it ends in. */
export interface ListedLayers {
  readonly stages: readonly ListedLayer[];
  readonly layers: readonly ListedLayer[];
}

/** The feature maps of a model with their geometry, and the share of the multiply-adds that a probe of its cell keeps. */
export function listedLayers(
  { layer: named, grid }: CheckedOptions<typeof layersOptions>,
  model: LoadedModel,
  context: Context,
): ListedLayers {
  const { network } = model;
  remarkImport(model, context);
  remarkOutput(model, context);
  const target = layerOf(model, { layer: undefined, grid }, context);
  remarkCamLayer(model, target, grid, context);
  const row = (layer: Layer) => listed(model, layer, layer.name === target.name);
  return named === undefined
    ? { stages: stagesOf(network, grid).map(row), layers: layersOf(network, grid).map(row) }
    : { stages: [], layers: chosenLayers(model, named, grid).map(row) };
}

function listed({ network }: LoadedModel, layer: Layer, isDefault: boolean) {
  const { cell, stride, receptiveField } = geometryOf(network, layer);
  return {
    ...gridRecord(layer),
    cell,
    stride,
    receptiveField,
    workKept: network.workKept(layer.name, cellAt(layer.grid, ...cell)),
    default: isDefault,
  };
}

export type ListedLayer = ReturnType<typeof listed>;
