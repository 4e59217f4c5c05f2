import { measureShard, measure } from "../calibration/calibrate.ts";
import type { ProbeRun } from "../calibration/probe-run.ts";
import type { ConvergencePoint } from "../calibration/schema.ts";
import { stateFile } from "../calibration/state-file.ts";
import { command, modelAndImages } from "./command.ts";
import { outOption, restartOption, resultFolder } from "./files-options.ts";
import { warningsText } from "./fit-text.ts";
import { withProgress } from "./progress.ts";
import type { Reporter } from "./reporter.ts";
import { counted, viewsOfPhotographs } from "./text.ts";
import { writeMap } from "../core/npy.ts";
import { imagesIn, photographsIn, skippedIn } from "../erf/accumulator.ts";
import { blocksOf, shardText, type Shard } from "../erf/shard.ts";
import { writeWhole, removeFile, writableFolder, writeAll } from "../io/files.ts";
import { interruptible } from "../io/interruption.ts";
import { withRunStore } from "../io/run-store.ts";
import { withUncertainty } from "../report/text.ts";
import { openModelWith, openOptions } from "../tasks/options/model.ts";
import { checkpointsIn, statePath } from "../tasks/probe/checkpoints.ts";
import { probeOptions, probeRun } from "../tasks/probe/probe.ts";
import { shardFrom, shardOptions } from "../tasks/probe/shard.ts";

/** The estimate of the moment, in the progress line. */
const running = ({ sigmaX, sigmaY, halfWidthX, halfWidthY }: ConvergencePoint): string =>
  `sigma ${withUncertainty(sigmaX, halfWidthX)}, ${withUncertainty(sigmaY, halfWidthY)}`;

/** Probes with progress shown: `work` is what is made of the run. */
export const whileProbing = <T>(
  run: ProbeRun,
  quiet: boolean,
  work: (run: ProbeRun) => Promise<T>,
): Promise<T> =>
  withProgress("probing", quiet, (update) =>
    work({
      ...run,
      onProgress({ done, of, name, estimate }) {
        update(done, of, estimate === null ? name : `${running(estimate)} · ${name}`);
      },
    }),
  );

/** Where a run's state is saved, and what is done with one that is there. */
interface KeptRun {
  readonly run: ProbeRun;
  readonly folder: string;
  readonly quiet: boolean;
  readonly restart: boolean;
}

/** The same, but an interrupted run can be resumed: its state is saved in the output folder. */
export const whileKeeping = <T>(
  { run, folder, quiet, restart }: KeptRun,
  reporter: Reporter,
  work: (run: ProbeRun) => Promise<T>,
): Promise<T> =>
  withRunStore({ path: statePath(folder, run.shard ?? null), restart, note: reporter.info }, (store) =>
    interruptible((interruption) => {
      const checkpoints = checkpointsIn(store, reporter.info, interruption);
      return whileProbing({ ...run, checkpoints }, quiet, work);
    }),
  );

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
      `shard ${shardText(shard)} of "${state.record.layer.label}": ${viewsOfPhotographs(images, photographs)} -> ${path}`,
      ...(skipped.count === 0 ? [] : [`${counted(skipped.count, "view")} skipped`]),
      `Once all ${shard.of} are there: erfit merge FOLDERS --out DIR`,
    ].join("\n"),
    {
      shard,
      blocks: blocksOf(shard),
      images: { views: images, photographs, skippedCount: skipped.count },
      files: [path],
    },
  );
}

export const probeCommand = command({
  usage: "probe <model> <photographs..>",
  describe: "measure the effective receptive field of a layer, without fitting it",
  positionals: modelAndImages,
  options: {
    ...probeOptions,
    ...shardOptions,
    ...outOption("outputs/<model>.<layer>.probe"),
    ...restartOption,
    ...openOptions,
  },
  examples: [["erfit probe net.onnx photos/ --protocol signed", "writes erf.npy and how it was measured"]],
  async run({ model, photographs, quiet, out, restart, ...options }, reporter) {
    const shard = shardFrom(options, reporter);
    const opened = await openModelWith(model, options);
    const run = await probeRun(options, opened, photographs.map(String), reporter);
    const folder = await writableFolder(resultFolder(out, run.model.file, `${run.layer.label}.probe`));
    const kept = { folder, quiet, restart };
    if (shard !== null) return runShard({ ...kept, run: { ...run, shard } }, reporter);
    const { map, measurement } = await whileKeeping({ ...kept, run }, reporter, measure);
    const files = await writeAll(folder, {
      "erf.npy": writeMap(map),
      "probe.json": `${JSON.stringify(measurement, null, 2)}\n`,
    });
    await removeFile(statePath(folder, null));
    const warnings = warningsText(measurement.warnings);
    reporter.result(
      [
        `ERF of "${run.layer.label}" over ${viewsOfPhotographs(measurement.images.views, measurement.images.photographs)} -> ${files[0] ?? folder}`,
        warnings,
      ]
        .filter((part) => part !== "")
        .join("\n"),
      { ...measurement, files },
    );
  },
});
