import type { Value } from "../../graph/graph.ts";
import { joinHeads, splitHeads } from "./attention.ts";
import type { Importer } from "./file-node.ts";

/**
 * Pairs of channels turned by an angle that the token's position sets (Su et al. 2021, Eq. 34): channels i and i + D/2,
 * or neighbors where interleaved. Channels beyond `rotary_embedding_dim` stay as they are.
 */
const rotaryEmbedding: Importer = (n, g) => {
  const { int, flag } = n.attributes;
  const flat = n.input(0).shape.length === 3;
  const x = flat ? splitHeads(g, n.input(0), int("num_heads", 1)) : n.input(0);
  const [batch = 1, heads = 1, length = 1, width = 1] = x.shape;
  const turned = int("rotary_embedding_dim", 0) || width;
  const half = turned / 2;
  const positions = n.inputs[3] ?? null;

  const angles = (table: Value): Value => {
    if (positions === null) return g.reshape(table, [batch, 1, length, half]);
    const shape = [...positions.shape, half];
    return g.reshape(g.single("Gather", [table, positions], { axis: 0 }, table.dtype, shape), [
      batch,
      1,
      length,
      half,
    ]);
  };
  const channels = (start: number, extent: number, step = 1): Value =>
    g.sliceBy(
      x,
      x.shape.map((whole, axis) =>
        axis === 3 ? { start, step, extent } : { start: 0, step: 1, extent: whole },
      ),
    );
  const column = (side: Value): Value => g.reshape(side, [batch, heads, length, half, 1]);

  const interleaved = flag("interleaved", false);
  const [a, b] = interleaved
    ? [channels(0, half, 2), channels(1, half, 2)]
    : [channels(0, half), channels(half, half)];
  const [cos, sin] = [angles(n.input(1)), angles(n.input(2))];
  const real = g.sub(g.mul(cos, a), g.mul(sin, b));
  const imaginary = g.add(g.mul(sin, a), g.mul(cos, b));
  const rotated = interleaved
    ? g.reshape(g.concat([column(real), column(imaginary)], 4), [batch, heads, length, turned])
    : g.concat([real, imaginary], 3);
  const y = turned === width ? rotated : g.concat([rotated, channels(turned, width - turned)], 3);
  return [flat ? joinHeads(g, y) : y];
};

/** Positions of tokens. */
export const positions: Readonly<Record<string, Importer>> = { RotaryEmbedding: rotaryEmbedding };
