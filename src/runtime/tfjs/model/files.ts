import type { io } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { ErfitError, messageOf } from "../../../core/error.ts";

const weight = z.looseObject({
  name: z.string(),
  shape: z.array(z.int().nonnegative()),
  dtype: z.enum(["float32", "int32", "bool", "string", "complex64"]),
  quantization: z
    .object({
      scale: z.number().optional(),
      min: z.number().optional(),
      dtype: z.enum(["uint16", "uint8", "float16"]),
    })
    .optional(),
});

const graphNode = z.looseObject({
  name: z.string(),
  op: z.string(),
  input: z.array(z.string()).default([]),
  attr: z.record(z.string(), z.unknown()).default({}),
});
export type GraphNode = z.infer<typeof graphNode>;

const signature = z.looseObject({
  outputs: z.record(z.string(), z.looseObject({ name: z.string() })).optional(),
});

/** What TF.js writes: https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/types.ts, `ModelJSON`. */
const modelJson = z.looseObject({
  format: z.string().optional(),
  modelTopology: z.looseObject({ node: z.array(graphNode).optional() }),
  weightsManifest: z.array(z.looseObject({ paths: z.array(z.string()), weights: z.array(weight) })),
  signature: signature.nullish(),
  userDefinedMetadata: z.looseObject({ signature: signature.optional() }).nullish(),
});

/** A model.json with its weights: nodes of a graph, or the configuration of layers. */
export interface TfjsFile {
  readonly topology: z.infer<typeof modelJson>["modelTopology"];
  /** Null for a layers model. */
  readonly nodes: readonly GraphNode[] | null;
  /** Names of the graph's outputs in the order of its signature, where it has one. */
  readonly outputs: readonly string[];
  readonly weightSpecs: io.WeightsManifestEntry[];
  readonly weightData: ArrayBuffer;
}

function parsed(bytes: Uint8Array, file: string): z.infer<typeof modelJson> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (thrown) {
    throw new ErfitError(
      `${file}: not JSON (${messageOf(thrown)}); expected the model.json of a TF.js model`,
    );
  }
  const result = modelJson.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ErfitError(
    `${file}: not the model.json of a TF.js model: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not as expected"}`,
    { remedy: "give the file that tensorflowjs_converter or model.save() wrote, its weights beside it" },
  );
}

const bytesPer = { float32: 4, int32: 4, bool: 1, complex64: 8, uint8: 1, uint16: 2, float16: 2 } as const;

/** Bytes that the weights take in the shards; strings carry their own lengths. */
const bytesOf = (specs: readonly io.WeightsManifestEntry[]): number | undefined =>
  specs.reduce((total: number | undefined, { shape, dtype, quantization }) => {
    if (total === undefined || dtype === "string") return undefined;
    return total + shape.reduce((size, extent) => size * extent, 1) * bytesPer[quantization?.dtype ?? dtype];
  }, 0);

/** Without the keys that are absent: TF.js's types tell an absent one from an undefined one. */
const specOf = ({ name, shape, dtype, quantization }: z.infer<typeof weight>): io.WeightsManifestEntry => ({
  name,
  shape,
  dtype,
  ...(quantization === undefined
    ? {}
    : {
        quantization: {
          dtype: quantization.dtype,
          ...(quantization.scale === undefined ? {} : { scale: quantization.scale }),
          ...(quantization.min === undefined ? {} : { min: quantization.min }),
        },
      }),
});

/**
 * Reads a model.json and the shards that it names.
 * @param readWeights gives a file beside it, and refuses one that lies elsewhere
 * @throws ErfitError where it is no TF.js model, or a shard is missing or of another length
 */
export async function readTfjs(
  bytes: Uint8Array,
  file: string,
  readWeights: (location: string) => Promise<Uint8Array>,
): Promise<TfjsFile> {
  const json = parsed(bytes, file);
  const weightSpecs = json.weightsManifest.flatMap(({ weights }) => weights.map(specOf));
  const paths = json.weightsManifest.flatMap((group) => group.paths);
  // A file of some megabytes that is named a thousand times would take gigabytes.
  if (new Set(paths).size < paths.length) throw new ErfitError(`${file}: names a file of its weights twice`);
  const shards: Uint8Array[] = [];
  for (const path of paths) shards.push(await readWeights(path));
  const length = shards.reduce((total, shard) => total + shard.length, 0);
  const expected = bytesOf(weightSpecs);
  if (expected !== undefined && expected !== length) {
    throw new ErfitError(
      `${file}: its weights take ${expected} bytes, but the files beside it hold ${length}`,
      { remedy: "copy the model again, with every file of its folder" },
    );
  }
  const weightData = new Uint8Array(length);
  let offset = 0;
  for (const shard of shards) {
    weightData.set(shard, offset);
    offset += shard.length;
  }
  const declared = (json.signature ?? json.userDefinedMetadata?.signature)?.outputs ?? {};
  return {
    topology: json.modelTopology,
    nodes: json.modelTopology.node ?? null,
    outputs: Object.values(declared).map(({ name }) => name.replace(/:0$/, "")),
    weightSpecs,
    weightData: weightData.buffer,
  };
}
