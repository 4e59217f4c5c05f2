import type { ModelName } from "./models.ts";

export interface FitOptions {
  readonly model: ModelName;
  /** Most iterations of one descent, and of one finish. */
  readonly maxIterations: number;
  /** Where Newton's steps stop: `relativeOffset` of the point (Bates & Watts 1981). */
  readonly relativeOffset: number;
}

export const defaultFitOptions: FitOptions = { model: "gaussian", maxIterations: 100, relativeOffset: 1e-13 };
