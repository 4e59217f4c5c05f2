import type { Tensor } from "../../../../src/core/tensor.ts";

/** A TF.js model as the files of its folder. */
export type ModelFiles = Readonly<Record<string, string | Uint8Array>>;

/** Writes weights in order into shards of at most `shardSize` bytes, as TF.js's converter does. */
export function withWeights(
  json: Readonly<Record<string, unknown>>,
  weights: Readonly<Record<string, Tensor<"float32" | "int32">>>,
  shardSize = 4 << 20,
): ModelFiles {
  const bytes = Buffer.concat(
    Object.values(weights).map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
  );
  const shards = Array.from({ length: Math.ceil(bytes.length / shardSize) }, (_, k) =>
    bytes.subarray(k * shardSize, (k + 1) * shardSize),
  );
  const name = (k: number) => `group1-shard${k + 1}of${shards.length}.bin`;
  const weightsManifest = [
    {
      paths: shards.map((_, k) => name(k)),
      weights: Object.entries(weights).map(([weight, { shape, dtype }]) => ({ name: weight, shape, dtype })),
    },
  ];
  return {
    "model.json": JSON.stringify({ ...json, weightsManifest }),
    ...Object.fromEntries(shards.map((shard, k) => [name(k), shard])),
  };
}
