import type * as tf from "@tensorflow/tfjs-core";
import { ErfitError } from "../../../core/error.ts";

/** Wider than the dilated windows of any network that is run on a map of a few cells. */
const alwaysFits = 256;

const pairOf = (value: unknown): readonly number[] =>
  (Array.isArray(value) ? value : [value, value]).map(Number);

/**
 * A window may reach beyond its map, but not by any number: the gradient goes through all its cells, or pads the map to hold it.
 * @param saved the operator's image, and its filter where it has one
 * @throws ErfitError for a window of more than twice the map's extent
 */
export function refuseVastWindow(
  kernel: string,
  saved: readonly Pick<tf.Tensor, "rank" | "shape">[],
  { filterSize, dilations = 1 }: Readonly<Record<string, unknown>>,
): void {
  const [image, filter] = saved;
  if (image?.rank !== 4) return;
  const cells = filterSize === undefined ? (filter?.shape ?? []) : pairOf(filterSize);
  for (const axis of [0, 1]) {
    const extent = image.shape[axis + 1] ?? 1;
    const reach = ((cells[axis] ?? 1) - 1) * (pairOf(dilations)[axis] ?? 1) + 1;
    if (reach > Math.max(alwaysFits, 2 * extent))
      throw new ErfitError(
        `${kernel} has a window of ${reach} ${axis === 0 ? "rows" : "columns"} over a map of ${extent}`,
      );
  }
}
