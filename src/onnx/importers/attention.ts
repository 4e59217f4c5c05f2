import { at } from "../../core/required.ts";
import { float32, type Shape } from "../../core/tensor.ts";
import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { Importer } from "./file-node.ts";

const threeOf = (shape: Shape) => [at(shape, 0), at(shape, 1), at(shape, 2)] as const;
const fourOf = (shape: Shape) => [...threeOf(shape), at(shape, 3)] as const;

/** [1, S, H·D] as [1, H, S, D]. */
export function splitHeads(g: Builder, x: Value, heads: number): Value {
  const [batch, length, width] = threeOf(x.shape);
  return g.transpose(g.reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
}

/** [1, H, S, D] as [1, S, H·D]. */
export function joinHeads(g: Builder, x: Value): Value {
  const [batch, heads, length, width] = fourOf(x.shape);
  return g.reshape(g.transpose(x, [0, 2, 1, 3]), [batch, length, heads * width]);
}

/** Keys and values that several queries' heads share, one copy a head (grouped queries: Ainslie et al. 2023). */
function sharedAmong(g: Builder, x: Value, heads: number): Value {
  const [batch, groups, length, width] = fourOf(x.shape);
  if (groups === heads) return x;
  const each = g.reshape(x, [batch, groups, 1, length, width]);
  return g.reshape(g.expand(each, [batch, groups, heads / groups, length, width]), [
    batch,
    heads,
    length,
    width,
  ]);
}

/** 0 where a query may look at a key, -∞ where the key comes after it: [S, L]. */
export function causalBias(g: Builder, queries: number, keys: number): Value {
  const bias = Float32Array.from({ length: queries * keys }, (_, flat) =>
    flat % keys > Math.floor(flat / keys) ? -Infinity : 0,
  );
  return g.constant(float32([queries, keys], bias));
}

/** A mask as a term of the scores: true lets a key through; numbers are one already. */
const maskBias = (g: Builder, mask: Value): Value =>
  mask.dtype === "bool" ? g.where(mask, 0, -Infinity) : mask;

interface Attending {
  /** [1, H, S, D], [1, H or fewer, L, D], [1, H or fewer, L, E]. */
  readonly query: Value;
  readonly key: Value;
  readonly value: Value;
  /** Of the scores; 0 stands for 1 / √D. */
  readonly scale: number;
  /** Terms of the scores, broadcast to [1, H, S, L]. */
  readonly biases: readonly Value[];
  /** The scores s become c · tanh(s / c); 0 for scores as they are. */
  readonly softcap?: number;
}

/** softmax(scale · Q Kᵀ + biases) V, head by head: [1, H, S, E] (Vaswani et al. 2017, Eq. 1). */
export function attend(g: Builder, { query, key, value, scale, biases, softcap = 0 }: Attending): Value {
  const [, heads, , depth] = fourOf(query.shape);
  const scaled = g.mul(query, scale || 1 / Math.sqrt(depth));
  const scores = g.matmul(scaled, g.matrixTranspose(sharedAmong(g, key, heads)));
  const capped = softcap === 0 ? scores : g.mul(g.tanh(g.mul(scores, 1 / softcap)), softcap);
  const biased = biases.reduce((sum, bias) => g.add(sum, bias), capped);
  const weights = g.single("Softmax", [biased], { axis: 3 }, biased.dtype, biased.shape);
  return g.matmul(weights, sharedAmong(g, value, heads));
}

/** Attention over tokens, in its parts. With a cache of earlier keys, or its scores as an output, it stays opaque. */
export const attention: Readonly<Record<string, Importer>> = {
  Attention(n, g) {
    const { int, flag, float } = n.attributes;
    const cached = n.inputs.slice(4).some((input) => input !== null);
    if (cached || n.outputs.length > 1) return undefined;
    const byHead = (x: Value, heads: number) => (x.shape.length === 3 ? splitHeads(g, x, heads) : x);
    const query = byHead(n.input(0), int("q_num_heads", 1));
    const key = byHead(n.input(1), int("kv_num_heads", 1));
    const value = byHead(n.input(2), int("kv_num_heads", 1));
    const [queries, keys] = [at(query.shape, 2), at(key.shape, 2)];
    const mask = n.inputs[3] ?? null;
    // A mask of fewer keys than there are is padded with -∞: exporters do not write one.
    if (mask !== null && mask.shape.at(-1) !== keys) return undefined;
    const biases = [
      ...(flag("is_causal", false) ? [causalBias(g, queries, keys)] : []),
      ...(mask === null ? [] : [maskBias(g, mask)]),
    ];
    const settings = { scale: float("scale", 0), softcap: float("softcap", 0) };
    const y = attend(g, { query, key, value, biases, ...settings });
    return [n.input(0).shape.length === 3 ? joinHeads(g, y) : y];
  },
};

/**
 * Pairs of channels turned by an angle that the token's position sets (Su et al. 2021, Eq. 34): channels i and i + D/2,
 * or neighbors where interleaved. Channels beyond `rotary_embedding_dim` stay as they are.
 */
const rotaryEmbedding: Importer = (n, g) => {
  const { int, flag } = n.attributes;
  const flat = n.input(0).shape.length === 3;
  const x = flat ? splitHeads(g, n.input(0), int("num_heads", 1)) : n.input(0);
  const [batch, heads, length, width] = fourOf(x.shape);
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
