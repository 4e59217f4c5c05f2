import { endianness } from "node:os";
import { z } from "zod";
import { ErfitError } from "../core/error.ts";
import { sizeOf } from "../core/tensor.ts";
import { blockCount, type Accumulator, type Block, noneSkipped } from "../erf/accumulator.ts";
import type { SnapshotCodec } from "../io/run-store.ts";
import { sealed, unsealed, type SealedFormat } from "../io/sealed.ts";
import { runRecordSchema, type RunState } from "./run-state.ts";
import { calibrationSchema } from "./schema.ts";

const part = z.object({ name: z.string(), mass: z.number() });
const count = z.int().nonnegative();

const block = z.object({
  block: count.max(blockCount - 1),
  images: count,
  photographs: count,
  contribution: z.object({
    complete: z.object({ sum: z.number(), squares: z.number(), greatest: part.nullable() }),
    last: part.extend({ photograph: z.int() }).nullable(),
  }),
});

const owned = block.extend({
  digest: z.string(),
  skipped: z.object({
    count,
    first: z.array(z.object({ name: z.string(), reason: z.string(), photograph: z.int() })),
  }),
});

const headerSchema = z.object({
  byteOrder: z.enum(["LE", "BE"]),
  record: runRecordSchema,
  shard: z.object({ part: z.int().positive(), of: z.int().positive().max(blockCount) }).nullable(),
  done: count,
  views: count,
  size: z.tuple([z.int().positive(), z.int().positive()]),
  cancellation: z
    .object({ photograph: z.int(), left: z.number().nullable(), fixedSum: z.boolean() })
    .nullable()
    .default(null),
  history: z.object({ points: calibrationSchema.shape.convergence, next: count }).nullable(),
  blocks: z.array(owned),
  looks: z.array(z.object({ behind: count, blocks: z.array(block) })),
});

type Header = z.infer<typeof headerSchema>;

/** The state of a run as a sealed file: the payload is the blocks' sums, as float64. */
const format: SealedFormat<Header> = {
  name: "erfit-state",
  version: 2,
  header: headerSchema,
  what: "the state of a run",
};

/** The blocks that an accumulator owns, without their sums. */
const listedBlocks = ({ blocks }: Accumulator) =>
  blocks.flatMap((owned, block) => {
    if (owned === null) return [];
    const { images, photographs, contribution } = owned;
    return { block, images, photographs, contribution };
  });

const sumsOf = ({ blocks }: Accumulator): readonly Float64Array[] =>
  blocks.flatMap((owned) => owned?.sum ?? []);

const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

export function stateFile(state: RunState): Uint8Array {
  const { record, shard, done, views, accumulator, digests, cancellation, history, looks } = state;
  const header: z.input<typeof headerSchema> = structuredClone({
    byteOrder: endianness(),
    record,
    shard,
    done,
    views,
    size: [accumulator.height, accumulator.width],
    cancellation,
    history,
    blocks: listedBlocks(accumulator).map((listed) => ({
      ...listed,
      digest: digests[listed.block] ?? "",
      skipped: accumulator.blocks[listed.block]?.skipped ?? noneSkipped,
    })),
    looks: looks.map((look) => ({ behind: look.behind, blocks: listedBlocks(look.accumulator) })),
  }) as z.input<typeof headerSchema>;
  const sums = [accumulator, ...looks.map((look) => look.accumulator)].flatMap(sumsOf).map(bytesOf);
  return sealed(format, header, sums);
}

/**
 * The state in a file.
 * @param path how to call the file in an error
 * @throws ErfitError where it is damaged, or not such a file
 */
export function readState(file: Uint8Array, path: string): RunState {
  const { header, payload } = unsealed(format, file, path);
  const { byteOrder, size, blocks, looks, ...rest } = header;
  if (byteOrder !== endianness())
    throw new ErfitError(`${path}: written on a machine of the other byte order`);

  const sums = sumsIn(payload, sizeOf(size), path);
  const accumulatorOf = (
    listed: readonly (Omit<Block, "sum" | "skipped"> & {
      readonly block: number;
      readonly skipped?: Block["skipped"];
    })[],
  ): Accumulator => {
    const owned = new Map(
      listed.map(({ block, skipped = noneSkipped, images, photographs, contribution }) => [
        block,
        { images, photographs, contribution, skipped, sum: sums() },
      ]),
    );
    const [height, width] = size;
    return { height, width, blocks: Array.from({ length: blockCount }, (_, k) => owned.get(k) ?? null) };
  };
  const digests = new Map(blocks.map(({ block, digest }) => [block, digest]));
  const accumulator = accumulatorOf(blocks);
  return {
    ...rest,
    accumulator,
    digests: accumulator.blocks.map((_, k) => digests.get(k) ?? ""),
    looks: looks.map((look) => ({ behind: look.behind, accumulator: accumulatorOf(look.blocks) })),
  };
}

export const stateCodec: SnapshotCodec<RunState> = { what: format.what, write: stateFile, read: readState };

/** Hands out the sums one after the other; none is made that the file does not hold. */
function sumsIn(bytes: Uint8Array, pixels: number, path: string): () => Float64Array {
  let next = 0;
  return () => {
    const end = next + pixels * Float64Array.BYTES_PER_ELEMENT;
    if (end > bytes.length) throw new ErfitError(`${path}: cut short: it holds fewer sums than blocks`);
    const sum = new Float64Array(pixels);
    bytesOf(sum).set(bytes.subarray(next, end));
    next = end;
    return sum;
  };
}
