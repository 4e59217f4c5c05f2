import { models, type ModelName } from "./models.ts";

/** Which fit: one model; all of them beside the paper's (`auto`); or the numbers that OpenERF would give (`openerf`). */
export type FitChoice = ModelName | "auto" | "openerf";

export const fitChoices: Readonly<Record<FitChoice, string>> = {
  gaussian: models.gaussian.summary,
  "gaussian-background": models["gaussian-background"].summary,
  rotated: models.rotated.summary,
  "rotated-background": models["rotated-background"].summary,
  isotropic: models.isotropic.summary,
  auto: "the Gaussian, and the other models beside it, compared by AIC and BIC",
  openerf: "the Gaussian with OpenERF's start, bounds and tolerances, for comparison with published numbers",
};

export interface FitOptions {
  readonly model: FitChoice;
  /** Most iterations of one descent, and of one finish. */
  readonly maxIterations: number;
  /** Where Newton's steps stop: `relativeOffset` of the point (Bates & Watts 1981). */
  readonly relativeOffset: number;
  /** Center of the theoretical receptive field in pixels, where the fitted one is expected; null where it is not known. */
  readonly theoreticalCenter: { readonly x: number; readonly y: number } | null;
}

export const defaultFitOptions: FitOptions = {
  model: "gaussian",
  maxIterations: 100,
  relativeOffset: 1e-13,
  theoreticalCenter: null,
};
