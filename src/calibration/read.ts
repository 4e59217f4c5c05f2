import { z } from "zod";
import { ErfitError, messageOf, optionText } from "../core/error.ts";
import { meantPath, readRegular } from "../io/read.ts";
import { layerText, type Layer } from "../runtime/layers.ts";
import type { LoadedModel } from "./loaded-model.ts";
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

/**
 * The calibration's fit, if it is one of this model and layer.
 * @throws ErfitError where it is of another model, layer or input size, or where no Gaussian was fitted
 */
export function fitFor(
  calibration: Calibration,
  path: string,
  { sha256, file, network }: LoadedModel,
  layer: Layer,
): UsableFit {
  const override = `\`erfit calibrate ${file} PHOTOGRAPHS ${optionText("layer", `"${layer.label}"`)}\` calibrates this one; ${optionText("anyCalibration")} uses it anyway`;
  const { model, layer: probed, fit } = calibration;
  if (model.sha256 !== sha256) {
    throw new ErfitError(
      `${path} is the calibration of another model: of ${model.file} (sha256 ${model.sha256.slice(0, 12)}…), not of ${file} (${sha256.slice(0, 12)}…)`,
      { remedy: override },
    );
  }
  if (probed.name !== layer.name) {
    throw new ErfitError(
      `${path} is the calibration of layer ${layerText(probed)}, not of ${layerText(layer)}`,
      {
        remedy: override,
      },
    );
  }
  if (model.input.shape.join() !== network.input.shape.join()) {
    throw new ErfitError(
      `${path} was measured at input shape [${model.input.shape.join(", ")}], but the model runs at [${network.input.shape.join(", ")}]`,
      { remedy: override },
    );
  }
  return presentFit(fit, path);
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
