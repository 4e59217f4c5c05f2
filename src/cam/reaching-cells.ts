import { camLayer, cellsReachScores } from "../runtime/cam-layer.ts";
import type { Layer } from "../runtime/layers.ts";
import type { Network } from "../runtime/network.ts";
import { ErfitError } from "../core/error.ts";

/**
 * @param instead the layer whose cells reach the scores, where it is known
 * @returns the error for a layer of which the network reads the class token alone
 */
export const tokenAlone = ({ name, grid: { height, width } }: Layer, instead?: string): ErfitError =>
  new ErfitError(
    `layer "${name}": behind it the network reads the class token alone, so the gradient is zero at all ${height} x ${width} cells`,
    {
      remedy:
        instead === undefined
          ? "name an earlier --layer, from which attention still carries the cells to the class token: what the last block reads, or its first normalization; `erfit layers MODEL` lists them"
          : `take layer "${instead}" (--layer "${instead}"), the last whose cells reach the class scores`,
    },
  );

/** @throws ErfitError where the class scores are not computed from the layer's cells: their gradient is zero */
export function requireReachingCells(network: Network, layer: Layer): void {
  if (layer.grid.prefixTokens === 0 || cellsReachScores(network, layer)) return;
  throw tokenAlone(layer, camLayer(network, layer).name);
}
