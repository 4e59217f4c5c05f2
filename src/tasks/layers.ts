import type { LoadedModel } from "../calibration/loaded-model.ts";
import { cellAt } from "../runtime/feature-grid.ts";
import { geometryOf } from "../runtime/geometry.ts";
import { layersOf } from "../runtime/layers.ts";
import type { Context } from "./context.ts";
import type { CheckedOptions } from "./option.ts";
import { remarkImport } from "./options/images.ts";
import { gridOptions, layerOf, remarkCamLayer, remarkOutput } from "./options/layer.ts";

export const layersOptions = gridOptions;

/** Every feature map of a model with its geometry, and the share of the multiply-adds that a probe of its cell keeps. */
export function listedLayers(
  { grid }: CheckedOptions<typeof layersOptions>,
  model: LoadedModel,
  context: Context,
) {
  const { network } = model;
  remarkImport(model, context);
  remarkOutput(model, context);
  const target = layerOf(model, { layer: undefined, grid }, context);
  remarkCamLayer(model, target, grid, context);
  return layersOf(network, grid).map((layer) => {
    const { cell, stride, receptiveField } = geometryOf(network, layer);
    return {
      name: layer.name,
      shape: layer.shape,
      layout: layer.grid.layout,
      grid: [layer.grid.height, layer.grid.width],
      cell,
      stride,
      receptiveField,
      workKept: network.workKept(layer.name, cellAt(layer.grid, ...cell)),
      module: layer.module ?? null,
      default: layer.name === target.name,
    };
  });
}

export type ListedLayer = ReturnType<typeof listedLayers>[number];
