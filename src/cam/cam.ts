import type { CamColumn } from "./columns.ts";
import { controls } from "./controls.ts";
import { withGradient, type Explanation, type Explained, type Queries } from "./explanation.ts";
import type { FeatureMap } from "./feature-map.ts";
import { camMethods, type CamMethod, type CamMethodName } from "./methods.ts";
import { normalizations, type NormalizationName } from "./normalizations.ts";
import { defaultCamOptions, type CamOptions } from "./options.ts";
import { upsampled, upsamplingMatrices } from "./upsamplers.ts";
import { arrays, realMapOf, type Algebra, type RealArray } from "../core/algebra.ts";
import { ErfitError } from "../core/error.ts";
import { memoized } from "../core/required.ts";
import type { RealMap, Shape } from "../core/tensor.ts";
import { layerText } from "../runtime/layers.ts";

/** Zero times a number is no number for NaN and infinity alone: one sum is faster than a test of each element. */
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
      throw new ErfitError(`layer ${layerText(layer)}: its ${what} holds NaN or infinity`, {
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
  name: CamMethodName,
  { explanation, queries }: Explained,
  options: CamOptions = defaultCamOptions,
): Promise<RealMap> {
  requireFinite(explanation);
  const method: CamMethod = camMethods[name];
  const grid = await gridOf(method, explanation, queries, options);
  if (!isFinite(grid.data))
    throw new ErfitError(
      `${method.title}: the map of layer ${layerText(explanation.layer)} holds NaN or infinity`,
      { kind: "failure", remedy: "its score or its features are too large or too small for the method" },
    );
  return grid;
}

async function gridOf(
  method: CamMethod,
  explanation: Explanation,
  queries: Queries,
  options: CamOptions,
): Promise<RealMap> {
  if ("grid" in method) return method.grid(explanation, queries, options);
  const { A, G } = withGradient(explanation);
  await method.condition?.(explanation, queries);
  return realMapOf(method.expression<RealArray>(arrays, A, G, options));
}

/** The map from a method's grid, in a run and in an exported graph: ReLU where the column has one, upsampling, scaling. */
export function mapExpression<T extends { readonly shape: Shape }>(
  g: Algebra<T>,
  grid: T,
  matrices: readonly T[],
  rectify: boolean,
  normalization: NormalizationName,
): T {
  const scaling = normalizations[normalization];
  const shown = scaling.grid(g, rectify ? g.relu(grid) : grid);
  return scaling.map(g, upsampled(g, shown, matrices));
}

/**
 * The map at input size: signed, and in the grid's unit, unless it is rectified or normalized.
 * @param size height and width of the network's input, in pixels
 */
export function camMap(
  { upsampling, rectify }: Pick<CamColumn, "upsampling" | "rectify">,
  grid: RealMap,
  size: readonly [height: number, width: number],
  normalization: NormalizationName = "none",
): RealMap {
  const matrices = upsamplingMatrices(grid.shape, size, upsampling);
  return realMapOf(mapExpression<RealArray>(arrays, grid, matrices, rectify, normalization));
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

/** How maps are drawn. */
export interface Drawing {
  readonly columns: readonly CamColumn[];
  readonly options: CamOptions;
  readonly normalization: NormalizationName;
}

/** One column's map of one class of one image. */
export interface DrawnCam {
  readonly column: CamColumn;
  /** Signed, before any ReLU. */
  readonly grid: RealMap;
  readonly map: RealMap;
  /** Share of the grid's absolute mass that a ReLU removes, or would remove. */
  readonly removedShare: number;
  /** Whether nothing is left after the ReLU. */
  readonly empty: boolean;
}

/** What the maps of one class are made of. */
interface DrawnFrom {
  readonly explained: Explained;
  /** The class on another image, for the control that borrows its map; null where no column has that control. */
  readonly other: Explained | null;
  /** Of the random controls. */
  readonly seed: number;
  /** Height and width of the network's input. */
  readonly size: readonly [height: number, width: number];
}

/** The maps of all columns, in their order; each method's grid is made once. */
export async function drawCams(
  { columns, options, normalization }: Drawing,
  { explained, other, seed, size }: DrawnFrom,
): Promise<readonly DrawnCam[]> {
  const gridOf = memoized((method: CamMethodName) => camGrid(method, explained, options));
  const otherGridOf = memoized(
    async (method: CamMethodName) => other && (await camGrid(method, other, options)),
  );
  const cams: DrawnCam[] = [];
  for (const column of columns) {
    const { method, control, rectify } = column;
    let grid = await gridOf(method);
    if (control !== null) {
      const borrowed = controls[control].needsOther ? await otherGridOf(method) : null;
      grid = controls[control].grid({ own: grid, other: borrowed, seed });
    }
    cams.push({
      column,
      grid,
      map: camMap(column, grid, size, normalization),
      removedShare: removedShare(grid),
      empty: rectify && grid.data.every((value) => value <= 0),
    });
  }
  return cams;
}
