import { ErfitError } from "../core/error.ts";
import { required } from "../core/required.ts";
import { blockCount } from "./accumulator.ts";

/** Part `part` (from 1) of a run that is divided into `of` parts. A part owns whole blocks, and probes their photographs. */
export interface Shard {
  readonly part: number;
  readonly of: number;
}

/** @throws ErfitError where there is no such part, or there are more parts than blocks */
export function shardOf(part: number, of: number): Shard {
  if (of > blockCount)
    throw new ErfitError(
      `shard ${part}/${of}: a run has ${blockCount} blocks of photographs, and a shard owns whole blocks`,
      { remedy: `divide it into ${blockCount} shards at most` },
    );
  if (part < 1 || part > of) throw new ErfitError(`shard ${part}/${of}: expected a part from 1 to ${of}`);
  return { part, of };
}

/** As on the command line: `3/20`. */
export const shardText = ({ part, of }: Shard): string => `${part}/${of}`;

const allBlocks = Array.from({ length: blockCount }, (_, block) => block);

/** Blocks are dealt to shards as photographs are dealt to blocks. */
export const blocksOf = ({ part, of }: Shard): readonly number[] =>
  allBlocks.filter((block) => block % of === part - 1);

export const ownsPhotograph = ({ part, of }: Shard, photograph: number): boolean =>
  (photograph % blockCount) % of === part - 1;

/**
 * The shards that hold the missing blocks: of a division in use if one holds exactly these, else of single blocks.
 * @param divisions numbers of parts in use
 */
export function shardsFor(missing: readonly number[], divisions: readonly number[]): readonly Shard[] {
  const candidates = [...new Set(divisions), blockCount].map((of) => {
    const parts = new Set(missing.map((block) => (block % of) + 1));
    return [...parts].map((part): Shard => ({ part, of }));
  });
  const exact = (shards: readonly Shard[]) => shards.flatMap(blocksOf).length === missing.length;
  return required(candidates.find(exact), "a shard for each missing block");
}
