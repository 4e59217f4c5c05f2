import { ErfitError, listed, optionText } from "../core/error.ts";
import { at, required } from "../core/required.ts";
import { merge } from "../erf/accumulator.ts";
import { earlierOf } from "../erf/cancellation.ts";
import { blocksOf, shardsFor, shardText, type Shard } from "../erf/shard.ts";
import type { Look } from "./convergence.ts";
import { differences, type RunState } from "./run-state.ts";

/** A shard's state with the file that it came from. */
export interface ShardFile {
  readonly path: string;
  readonly state: RunState;
}

/** The shards of a run, merged. */
export interface MergedRun {
  /** As of an undivided run. */
  readonly state: RunState;
  /** The looks of each shard. */
  readonly looks: readonly (readonly Look[])[];
}

/**
 * Merges the shards of a run, in any order and of any division, if together they own each block once.
 * @throws ErfitError where one is unfinished or of another run, and where a block is missing or there twice
 */
export function merged(files: readonly ShardFile[]): MergedRun {
  const [first] = files;
  if (first === undefined) throw new ErfitError("there is no shard to merge");
  for (const file of files) {
    refuseUnfinished(file);
    refuseOtherRun(first, file);
  }
  refuseDoubled(files);
  refuseMissing(files);
  const states = files.map(({ state }) => state);
  const { state } = first;
  return {
    state: {
      ...state,
      shard: null,
      done: state.record.views,
      views: state.record.views,
      accumulator: states.map(({ accumulator }) => accumulator).reduce(merge),
      digests: state.digests.map((_, block) =>
        at(
          required(
            states.find(({ accumulator }) => accumulator.blocks[block]),
            `block ${block}`,
          ).digests,
          block,
        ),
      ),
      cancellation: states.map(({ cancellation }) => cancellation).reduce(earlierOf),
      looks: [],
    },
    looks: states.map(({ looks }) => looks),
  };
}

function refuseUnfinished({ path, state: { done, views } }: ShardFile): void {
  if (done === views) return;
  throw new ErfitError(`${path}: unfinished: ${done} of its ${views} views are done`, {
    remedy: "run the shard's command again: it resumes from there",
  });
}

function refuseOtherRun(first: ShardFile, { path, state }: ShardFile): void {
  const different = differences(state.record, first.state.record);
  if (different.length === 0) return;
  throw new ErfitError(`${path} is of another run than ${first.path}: ${different.join("; ")}`, {
    remedy: "merge shards of one run",
  });
}

/** The blocks that a file's shard owns. */
const ownedBy = ({ state: { shard } }: ShardFile): readonly number[] =>
  shard === null ? [] : blocksOf(shard);

function refuseDoubled(files: readonly ShardFile[]): void {
  const owners = new Map<number, string>();
  for (const file of files)
    for (const block of ownedBy(file)) {
      const other = owners.get(block);
      if (other !== undefined)
        throw new ErfitError(
          `block ${block} is in both ${other} and ${file.path}: its photographs would count twice`,
          {
            remedy: "give each shard once",
          },
        );
      owners.set(block, file.path);
    }
}

function refuseMissing(files: readonly ShardFile[]): void {
  const { blocks } = at(files, 0).state.accumulator;
  const there = new Set(files.flatMap(ownedBy));
  const missing = blocks.flatMap((_, block) => (there.has(block) ? [] : block));
  if (missing.length === 0) return;
  const shards = shardsFor(missing, divisionsIn(files)).map(shardText);
  throw new ErfitError(
    `${missing.length} of ${blocks.length} blocks are missing: ${listed(missing.map(String), 20)}`,
    { remedy: `they are of ${shards.map((shard) => optionText("shard", shard)).join(", ")}` },
  );
}

/** Numbers of parts, the most frequent first. */
function divisionsIn(files: readonly ShardFile[]): readonly number[] {
  const shards = files.flatMap(({ state: { shard } }): readonly Shard[] => (shard === null ? [] : [shard]));
  const uses = (of: number) => shards.filter((shard) => shard.of === of).length;
  return [...new Set(shards.map(({ of }) => of))].sort((a, b) => uses(b) - uses(a));
}
