import { normalized } from "../fit/grid.ts";
import type { RealMap } from "../core/tensor.ts";

/** The map divided by its sum, as it was fitted; a map without a positive sum is drawn as it is. */
export function sharesOf(map: RealMap): RealMap {
  const shares = normalized(map);
  return shares.data.every(Number.isFinite) ? shares : map;
}
