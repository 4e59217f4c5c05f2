import { z } from "zod";
import { ErfitError, messageOf, optionText } from "../core/error.ts";
import type { Warning } from "../fit/result.ts";
import type { Preprocessing } from "../input/preprocessing.ts";
import { meantPath, readRegular } from "../io/read.ts";
import { layerText, type Layer } from "../runtime/layers.ts";
import type { LoadedModel } from "./loaded-model.ts";
import { differencesFrom, otherPreprocessingCode } from "./preprocessing-match.ts";
import { calibrationSchema, type Calibration } from "./schema.ts";

/** Version 1 spells its keys differently (`centreX`). */
const earlier = z.object({ format: z.literal("erfit-calibration"), version: z.literal(1) });

/** Reads and checks a `calibration.json`. */
export async function readCalibration(path: string): Promise<Calibration> {
  const bytes = await readRegular(path).catch(async (thrown: unknown) => {
    throw new ErfitError(`${path}: the calibration cannot be read (${messageOf(thrown)})`, {
      remedy: (await meantPath(path)) ?? "make one with `erfit calibrate MODEL PHOTOGRAPHS`",
    });
  });
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString());
  } catch {
    throw new ErfitError(`${path}: not JSON; expected a calibration.json that erfit wrote`);
  }
  if (earlier.safeParse(json).success)
    throw new ErfitError(`${path}: a calibration of format version 1, which this erfit does not read`, {
      remedy: "make it again with `erfit calibrate MODEL PHOTOGRAPHS`",
    });
  const parsed = calibrationSchema.safeParse(json);
  if (!parsed.success) {
    throw new ErfitError(
      `${path}: not an erfit calibration: ${z.prettifyError(parsed.error).split("\n").join(" ")}`,
    );
  }
  return parsed.data;
}

/** A fitted Gaussian that belongs to this model and layer. */
export type UsableFit = NonNullable<Calibration["fit"]>;

/** What a calibration has to be of. */
export interface CalibratedPart {
  readonly model: LoadedModel;
  readonly layer: Layer;
  readonly preprocessing: Preprocessing;
}

/** A fit, with what to know before its sigma is used here. */
export interface MatchedFit {
  readonly fit: UsableFit;
  readonly warnings: readonly Warning[];
}

/**
 * The calibration's fit, if it is one of this model, layer and preprocessing.
 * @param any whether one of another model, layer or preprocessing will do: what would be refused is then a warning
 * @throws ErfitError where it is of another model, layer, input size or preprocessing, or where no Gaussian was fitted
 */
export function fitFor(
  calibration: Calibration,
  path: string,
  part: CalibratedPart,
  any = false,
): MatchedFit {
  const { model, layer } = part;
  const mismatches = mismatchesOf(calibration, path, part);
  const [first] = mismatches;
  if (first !== undefined && !any)
    throw new ErfitError(first.message, {
      remedy: `${first.otherwise}\`erfit calibrate ${model.file} PHOTOGRAPHS ${optionText("layer", `"${layer.label}"`)}\` calibrates this one; ${optionText("anyCalibration")} uses it anyway`,
    });
  return {
    fit: presentFit(calibration.fit, path),
    warnings: [
      ...mismatches.map(({ message }) => ({ code: "OTHER_CALIBRATION", message })),
      ...preprocessingWarnings(calibration, path, part),
    ],
  };
}

interface Mismatch {
  readonly message: string;
  /** What else to do than to calibrate again; or nothing. */
  readonly otherwise: string;
}

/** Why a calibration is not one of this model, layer and preprocessing: nothing where it is. */
function mismatchesOf(
  calibration: Calibration,
  path: string,
  { model: { sha256, file, network }, layer, preprocessing }: CalibratedPart,
): readonly Mismatch[] {
  const { model, layer: probed } = calibration;
  const blocking = differencesFrom(calibration, preprocessing)?.blocking ?? [];
  const found: readonly (string | false)[] = [
    model.sha256 !== sha256 &&
      `${path} is the calibration of another model: of ${model.file} (sha256 ${model.sha256.slice(0, 12)}…), not of ${file} (${sha256.slice(0, 12)}…)`,
    probed.name !== layer.name &&
      `${path} is the calibration of layer ${layerText(probed)}, not of ${layerText(layer)}`,
    model.input.shape.join() !== network.input.shape.join() &&
      `${path} was measured at input shape [${model.input.shape.join(", ")}], but the model runs at [${network.input.shape.join(", ")}]`,
  ];
  return [
    ...found.flatMap((message) => (message === false ? [] : [{ message, otherwise: "" }])),
    ...(blocking.length === 0
      ? []
      : [
          {
            message: `${path} was measured with other preprocessing: ${blocking.join("; ")}`,
            otherwise: `preprocess as it was measured (${asMeasured(calibration)}), or calibrate again: `,
          },
        ]),
  ];
}

/** The option that gives a calibration's preprocessing again, where one does. */
function asMeasured({ preprocessing: { source } }: Calibration): string {
  const [, preset] = /^preset (\S+)$/.exec(source) ?? [];
  return preset === undefined
    ? `by its ${source}; ${optionText("preprocessing")} and its options`
    : optionText("preprocessing", preset);
}

/** Preprocessing that is not the calibration's, where it may still be used. */
function preprocessingWarnings(
  calibration: Calibration,
  path: string,
  { preprocessing }: CalibratedPart,
): readonly Warning[] {
  const found = differencesFrom(calibration, preprocessing);
  const code = otherPreprocessingCode;
  if (found === undefined)
    return [{ code, message: `${path} does not record its preprocessing: it cannot be compared with this.` }];
  if (found.minor.length === 0) return [];
  return [
    {
      code,
      message: `${path} was measured with other preprocessing: ${found.minor.join("; ")}. Sigma may differ by some percent; calibrate again with this preprocessing.`,
    },
  ];
}

/** The fit, of whatever model and layer. @throws ErfitError where the calibration holds none */
export function presentFit(fit: Calibration["fit"], path: string): UsableFit {
  if (fit === null) {
    throw new ErfitError(
      `${path} holds no Gaussian: none could be fitted when it was made (its warnings explain why)`,
      {
        remedy: `Gaussian upsampling needs one; use ${optionText("upsampling", "bilinear")}`,
      },
    );
  }
  return fit;
}
