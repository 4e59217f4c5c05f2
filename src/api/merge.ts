import type { Calibrated } from "./calibrate.ts";
import { optionsOf, requirePaths } from "./call.ts";
import { arrayOf } from "../tasks/arrays.ts";
import { calibratedRun, mergedRun, mergeOptions } from "../tasks/merge.ts";
import type { GivenOptions } from "../tasks/option.ts";

/** What is fitted to the merged map. */
export interface MergeOptions extends GivenOptions<typeof mergeOptions> {}

/**
 * Combines the shards of a run, as `erfit calibrate --shard I/N` wrote them: the calibration that one run would give, bit for
 * bit.
 *
 * @param folders that hold the shards (`shard-I-of-N.state`), in any order
 * @throws ErfitError where a shard is missing, is damaged, or belongs to another run
 * @example
 * ```ts
 * import { merge } from "erfit";
 *
 * await merge("outputs/none").catch(({ message }: Error) => console.log(message)); // outputs/none: …
 * ```
 */
export async function merge(
  folders: string | readonly string[],
  options: MergeOptions = {},
): Promise<Calibrated> {
  const paths = requirePaths("merge", "folders", folders);
  const checked = optionsOf("merge", mergeOptions, options).options;
  const { map, calibration } = calibratedRun(await mergedRun(paths), checked);
  return { map: arrayOf(map), calibration };
}
