import { gaussian } from "./gaussian.ts";
import type { Model } from "./model.ts";

/** The surfaces that a map can be fitted with. */
export const models = { gaussian } as const satisfies Record<string, Model>;

export type ModelName = keyof typeof models;
