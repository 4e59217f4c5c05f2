import { join } from "node:path";
import { calibrateMerged, type CalibratedErf } from "../calibration/calibrate.ts";
import { merged, type ShardFile } from "../calibration/merge.ts";
import { readState } from "../calibration/state-file.ts";
import { ErfitError } from "../core/error.ts";
import { namesIn, readNamed } from "../io/files.ts";
import type { CheckedOptions } from "./option.ts";
import { fitOptions } from "./probe/probe.ts";

export const mergeOptions = fitOptions;

const shardFile = /^shard-\d+-of-\d+\.state$/;

/** The shards in a folder. */
async function shardsIn(folder: string): Promise<readonly ShardFile[]> {
  const names = (await namesIn(folder)).filter((name) => shardFile.test(name));
  if (names.length === 0)
    throw new ErfitError(`${folder}: no shard of a run in this folder (shard-I-of-N.state)`, {
      remedy: "`erfit calibrate MODEL PHOTOGRAPHS --shard I/N` makes one",
    });
  const files: ShardFile[] = [];
  for (const name of names) {
    const path = join(folder, name);
    files.push({ path, state: readState(await readNamed(path, "a shard of a run"), path) });
  }
  return files;
}

/** The run that shards are parts of. @throws ErfitError where a part is missing, or they are of different runs */
export async function mergedRun(folders: readonly string[]) {
  const files: ShardFile[] = [];
  for (const folder of new Set(folders)) files.push(...(await shardsIn(folder)));
  return merged(files);
}

/** The calibration that one run would give. */
export const calibratedRun = (
  run: ReturnType<typeof merged>,
  { fitModel }: CheckedOptions<typeof mergeOptions>,
): CalibratedErf => calibrateMerged(run, { model: fitModel });
