import { ErfitError } from "../core/error.ts";
import { realMap, type RealMap } from "../core/tensor.ts";
import type { CamColumn } from "./column.ts";
import type { Explanation } from "./explanation.ts";
import type { FeatureMap } from "./feature-map.ts";
import type { CamMethod } from "./method.ts";
import { camMethods, type CamMethodName } from "./methods.ts";
import { normalizations, type NormalizationName } from "./normalizations.ts";
import { defaultCamOptions, type CamOptions } from "./options.ts";
import type { Explained } from "./questions.ts";
import { upsamplerFor } from "./upsamplers.ts";

/** Zero times a number is no number for NaN and infinity alone: a tenth of the time of asking each one. */
function isFinite(values: Float32Array | Float64Array): boolean {
  const { length } = values;
  let zero = 0;
  for (let at = 0; at < length; at++) zero += (values[at] ?? 0) * 0;
  return zero === 0;
}

function requireFinite({ layer, featureMap, gradient }: Explanation): void {
  const parts: readonly (readonly [string, FeatureMap | null])[] = [
    ["feature map", featureMap],
    ["gradient", gradient],
  ];
  for (const [what, part] of parts)
    if (part !== null && !isFinite(part.data))
      throw new ErfitError(`layer "${layer.name}": its ${what} holds NaN or infinity`, {
        kind: "failure",
        remedy: "check the model's weights and the preprocessing",
      });
}

/**
 * The signed map of a method at the feature map's resolution, before any ReLU. Its unit is the score's, where the method has
 * one.
 * @throws {ErfitError} where the method cannot be applied to this network, or the map is not finite
 */
export async function camGrid(
  method: CamMethodName,
  { explanation, questions }: Explained,
  options: CamOptions = defaultCamOptions,
): Promise<RealMap> {
  requireFinite(explanation);
  const { grid: make, title }: CamMethod = camMethods[method];
  const grid = await make(explanation, questions, options);
  if (!isFinite(grid.data))
    throw new ErfitError(`${title}: the map of layer "${explanation.layer.name}" holds NaN or infinity`, {
      kind: "failure",
      remedy: "its score or its features are too large or too small for the method",
    });
  return grid;
}

/**
 * The map at input size: ReLU where the column has one, then upsampling; signed, and in the grid's unit, unless it is
 * normalized.
 * @param size height and width of the network's input, in pixels
 */
export function camMap(
  { upsampling, rectify }: Pick<CamColumn, "upsampling" | "rectify">,
  grid: RealMap,
  size: readonly [height: number, width: number],
  normalization: NormalizationName = "none",
): RealMap {
  const { grid: normalizeGrid, map: normalizeMap } = normalizations[normalization];
  const upsample = upsamplerFor(grid.shape, size, upsampling);
  return normalizeMap(upsample(normalizeGrid(rectify ? rectified(grid) : grid)));
}

/** Share of a grid's absolute mass that a ReLU removes, 0 to 1; 0 of an empty one. */
export function removedShare({ data }: RealMap): number {
  let negative = 0;
  let total = 0;
  for (const value of data) {
    total += Math.abs(value);
    if (value < 0) negative -= value;
  }
  return total > 0 ? negative / total : 0;
}

const rectified = ({ shape: [height, width], data }: RealMap): RealMap =>
  realMap(
    height,
    width,
    data.map((value) => Math.max(value, 0)),
  );
