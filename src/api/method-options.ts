import { z } from "zod";
import type { CamColumn } from "../cam/column.ts";
import { columnsFrom } from "../cam/columns.ts";
import { controls, type ControlName } from "../cam/controls.ts";
import { camMethods, type CamMethodName } from "../cam/methods.ts";
import { camOptions, defaultCamOptions, type CamOptions } from "../cam/options.ts";
import { upsamplers, type Gaussian, type UpsamplerName } from "../cam/upsamplers.ts";
import { ErfitError } from "../core/error.ts";
import { keysOf } from "../core/required.ts";
import type { OptionChecks } from "./check.ts";

/** A CAM method, alone or with an upsampler of its own: `extended`, `extended:gaussian`. */
export type MethodChoice = CamMethodName | `${CamMethodName}:${UpsamplerName}`;

/** Where a method's paper and its best-known implementations differ: each choice by its name. */
export interface MethodOptions {
  /** Smooth Grad-CAM++: noisy copies of the image; 4 by default, as in torch-cam. */
  readonly noiseSamples?: number | undefined;
  /** Smooth Grad-CAM++: standard deviation of the noise; 0.3 by default, as in torch-cam. */
  readonly noise?: number | undefined;
  /** Unit of `noise`: the image tensor's own standard deviation (`image`, the default), or the network's input unit. */
  readonly noiseUnit?: CamOptions["noiseUnit"] | undefined;
  /** Grad-CAM++ and its smooth kin: added to the denominator; 1e-6 by default, as in pytorch-grad-cam; the paper has 0. */
  readonly plusPlusEpsilon?: number | undefined;
  /** Smooth Grad-CAM++: numerator as in Grad-CAM++ (`second-derivatives`, the default), or as its own paper prints it. */
  readonly pixelWeights?: CamOptions["pixelWeights"] | undefined;
  /** Score-CAM: bilinear masks as in pytorch-grad-cam (`align-corners`, the default), or as in the authors' code. */
  readonly scoreMask?: CamOptions["scoreMask"] | undefined;
  /** Ablation-CAM: far below the least activation where that is not zero (`least`, the default), or `zero`, as in the paper. */
  readonly ablateTo?: CamOptions["ablateTo"] | undefined;
  /** EigenCAM: positive where activations are large (`activation`, the default), or where the map is farthest from zero. */
  readonly eigenSign?: CamOptions["eigenSign"] | undefined;
  /** Seed of the noise and of the random controls; 0 by default. */
  readonly seed?: number | undefined;
}

/** One, or several. */
export type OneOrMore<T> = T | readonly T[];

export const listOf = <T>(given: OneOrMore<T> | undefined): readonly T[] | undefined =>
  given === undefined ? undefined : isList(given) ? given : [given];

const isList = <T>(given: OneOrMore<T>): given is readonly T[] => Array.isArray(given);

export const oneOrMore = <T>(one: z.ZodType<T>) => z.union([one, z.array(one).min(1)]);

const methodNames = keysOf(camMethods);
const upsamplerNames = keysOf(upsamplers);

const isMethodChoice = (given: unknown): boolean => {
  const [method = "", by, ...more] = typeof given === "string" ? given.split(":") : [];
  return (
    methodNames.some((name) => name === method) &&
    (by === undefined || upsamplerNames.some((name) => name === by)) &&
    more.length === 0
  );
};

export const methodCheck = z.custom<MethodChoice>(
  isMethodChoice,
  `expected one of ${methodNames.join(", ")}, or one with an upsampler behind a colon (${upsamplerNames.join(", ")})`,
);

export const upsamplerCheck = z.enum(upsamplerNames);
export const controlCheck = z.enum(keysOf(controls));

export const methodOptionChecks: OptionChecks<MethodOptions> = {
  noiseSamples: z.int().min(1).optional(),
  noise: z.number().min(0).optional(),
  noiseUnit: z.enum(camOptions["noise-unit"].choices).optional(),
  plusPlusEpsilon: z.number().min(0).optional(),
  pixelWeights: z.enum(camOptions["pixel-weights"].choices).optional(),
  scoreMask: z.enum(camOptions["score-mask"].choices).optional(),
  ablateTo: z.enum(camOptions["ablate-to"].choices).optional(),
  eigenSign: z.enum(camOptions["eigen-sign"].choices).optional(),
  seed: z.int().min(0).optional(),
};

/** The choices that were made, over those that are usual. */
export const camOptionsOf = (given: MethodOptions): CamOptions => ({
  noiseSamples: given.noiseSamples ?? defaultCamOptions.noiseSamples,
  noise: given.noise ?? defaultCamOptions.noise,
  noiseUnit: given.noiseUnit ?? defaultCamOptions.noiseUnit,
  plusPlusEpsilon: given.plusPlusEpsilon ?? defaultCamOptions.plusPlusEpsilon,
  pixelWeights: given.pixelWeights ?? defaultCamOptions.pixelWeights,
  scoreMask: given.scoreMask ?? defaultCamOptions.scoreMask,
  ablateTo: given.ablateTo ?? defaultCamOptions.ablateTo,
  eigenSign: given.eigenSign ?? defaultCamOptions.eigenSign,
  seed: given.seed ?? defaultCamOptions.seed,
});

/** Which maps are drawn. */
export interface ColumnChoice {
  readonly methods: readonly MethodChoice[];
  readonly upsamplers: readonly UpsamplerName[] | undefined;
  readonly controls: readonly ControlName[];
  readonly rectify: boolean | undefined;
}

/** @throws ErfitError where Gaussian upsampling is asked for and its sigma is not known */
export function columnsOf(
  who: string,
  { methods, upsamplers: by, controls: control, rectify: relu }: ColumnChoice,
  gaussian: Gaussian | undefined,
): readonly CamColumn[] {
  requireSigma(who, [...methods, ...(by ?? [])], gaussian);
  return columnsFrom({ method: methods, upsampling: by, control, relu }, gaussian);
}

/** @param names methods and upsamplers, as they were asked for */
export function requireSigma(who: string, names: readonly string[], gaussian: Gaussian | undefined): void {
  if (gaussian !== undefined || !names.some((name) => /^(.*:)?gaussian$/.test(name))) return;
  throw new ErfitError(`${who}: the upsampler gaussian needs a calibration, or a sigma`, {
    remedy: "make one with calibrate, and give it as the option calibration",
  });
}
