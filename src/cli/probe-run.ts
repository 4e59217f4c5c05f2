import type { ProbeRun } from "../calibration/probe-run.ts";
import type { ConvergencePoint } from "../calibration/schema.ts";
import { chosenCell, chosenLayer, chosenPreprocessing, openSubject } from "../calibration/subject.ts";
import { listImages } from "../image/listing.ts";
import { isAssumed } from "../image/resolve.ts";
import type { PresetName } from "../image/presets.ts";
import { shuffled } from "../math/random.ts";
import type { ProtocolName } from "../probe/protocols.ts";
import { withUncertainty } from "../report/text.ts";
import { withProgress } from "./progress.ts";
import {
  cellFrom,
  gridFrom,
  openOptionsFrom,
  overridesFrom,
  wholeNumber,
  type ModelArguments,
  type PreprocessingArguments,
} from "./options.ts";
import type { Voice } from "./voice.ts";

export interface ProbeArguments extends ModelArguments, PreprocessingArguments {
  readonly model: string;
  readonly images: readonly (string | number)[] | undefined;
  readonly layer?: string | undefined;
  readonly cell?: string | undefined;
  readonly token?: number | undefined;
  readonly grid?: string | undefined;
  readonly crops: number;
  readonly limit?: number | undefined;
  readonly shuffle?: number | undefined;
  readonly protocol: ProtocolName;
  readonly preprocessing?: PresetName | undefined;
}

/** Everything that probing needs, checked before the first image is touched. */
export async function probeRunFrom(given: ProbeArguments, voice: Voice): Promise<ProbeRun> {
  const crops = wholeNumber("crops", given.crops, 1);
  const limit = given.limit === undefined ? Infinity : wholeNumber("limit", given.limit, 1);
  const seed = given.shuffle === undefined ? null : wholeNumber("shuffle", given.shuffle, 0);
  const listed = await listImages((given.images ?? []).map(String));
  const photographs = (seed === null ? listed : shuffled(listed, seed)).slice(0, limit);
  const subject = await openSubject(given.model, openOptionsFrom(given));
  subject.network.remarks.forEach(voice.note);
  const layer = chosenLayer(subject, given.layer, gridFrom(given));
  const geometry = chosenCell(subject, layer, cellFrom(given));
  const preprocessing = chosenPreprocessing(subject, given.preprocessing, overridesFrom(given));
  voice.note(
    `${subject.file}: layer "${layer.name}" [${layer.shape.join(", ")}], cell ${geometry.cell.join(",")}, protocol ${given.protocol}`,
  );
  voice.note(
    isAssumed(preprocessing)
      ? `preprocessing is ${preprocessing.source}: no sidecar beside the model says otherwise. Wrong preprocessing changes the result; --preprocessing and its options set it.`
      : `preprocessing: ${preprocessing.source}`,
  );
  return {
    subject,
    layer,
    geometry,
    protocol: given.protocol,
    photographs,
    crops,
    preprocessing,
    shuffled: seed,
  };
}

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
      onProgress({ done, name }, total, estimate) {
        update(done, total, estimate === undefined ? name : `${running(estimate)} · ${name}`);
      },
    }),
  );
