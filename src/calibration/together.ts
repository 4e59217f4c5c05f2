import { viewsOf } from "../input/crops.ts";
import { sharedReaders } from "../input/stream.ts";
import { ownsPhotograph } from "../erf/shard.ts";
import type { ProbeRun } from "./probe-run.ts";

/**
 * Runs over the same photographs side by side, each of them decoded once for all. Each run computes what it would compute
 * alone, bit for bit. All are waited for: one that fails on the way, or is interrupted, leaves the others to end by
 * themselves, and save what they have; one that cannot begin stops them.
 * @throws what the first of the failed runs threw
 */
export async function together<T>(
  runs: readonly ProbeRun[],
  work: (run: ProbeRun, place: number) => Promise<T>,
): Promise<readonly T[]> {
  const [first] = runs;
  if (first === undefined) return [];
  const { photographs, crops, shard = null } = first;
  const own = photographs.filter((_, index) => shard === null || ownsPhotograph(shard, index));
  const readers = sharedReaders(runs.length, viewsOf(own, crops).length);
  const outcomes = await Promise.allSettled(
    runs.map(async (run, place) => {
      const reader = readers[place];
      if (reader === undefined) return work(run, place);
      try {
        const result = await work({ ...run, shared: { reader, programs: runs.length } }, place);
        reader.close();
        return result;
      } catch (thrown) {
        reader.close(thrown);
        throw thrown;
      }
    }),
  );
  return outcomes.map((outcome) => {
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  });
}
