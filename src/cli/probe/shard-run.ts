import { measureShard } from "../../calibration/calibrate.ts";
import type { ProbeRun } from "../../calibration/probe-run.ts";
import { stateFile } from "../../calibration/state-file.ts";
import { imagesIn, photographsIn, skippedIn } from "../../erf/accumulator.ts";
import { blocksOf, shardText, type Shard } from "../../erf/shard.ts";
import { writeWhole } from "../../io/files.ts";
import { whileKeeping } from "./run.ts";
import { statePath } from "./state-keeper.ts";
import { counted } from "../text.ts";
import type { Reporter } from "../reporter.ts";

interface ShardRun {
  readonly run: ProbeRun & { readonly shard: Shard };
  readonly folder: string;
  readonly quiet: boolean;
  readonly restart: boolean;
}

/** Measures a part of a run and leaves its sums for `erfit merge`, nothing else: a map of a part would pass for a result. */
export async function runShard(given: ShardRun, reporter: Reporter): Promise<void> {
  const { folder } = given;
  const { shard } = given.run;
  const state = await whileKeeping(given, reporter, measureShard);
  const path = statePath(folder, shard);
  await writeWhole(path, stateFile(state));
  const [images, photographs] = [imagesIn(state.accumulator), photographsIn(state.accumulator)];
  const skipped = skippedIn(state.accumulator);
  reporter.result(
    [
      `shard ${shardText(shard)} of "${state.record.layer.name}": ${counted(images, "image")} -> ${path}`,
      ...(skipped.count === 0 ? [] : [`${counted(skipped.count, "image")} skipped`]),
      `Once all ${shard.of} are there: erfit merge FOLDERS --out DIR`,
    ].join("\n"),
    {
      shard,
      blocks: blocksOf(shard),
      images: { count: images, photographs, skippedCount: skipped.count },
      files: [path],
    },
  );
}
