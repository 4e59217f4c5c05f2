import { z } from "zod";
import { curves, type CurveName } from "./metrics.ts";

/** The probability is null where the scores have none. */
const confidence = { logit: z.number(), probability: z.number().nullable() };

/** What was measured on one photograph; an evaluation is a list of these, and the journal keeps them. */
export const photographSchema = z.object({
  image: z.string(),
  /** The explained class, whose confidence is measured; and the one that the network prefers. */
  classIndex: z.int(),
  predicted: z.int(),
  ...confidence,
  /** The image that lent its map to the control `other-image`. */
  partner: z.string().nullable(),
  masked: z.array(
    z.object({
      column: z.string(),
      test: z.string(),
      ...confidence,
      /** Mean of the mask, 0 to 1. */
      kept: z.number(),
    }),
  ),
  curves: z.array(
    z.object({ column: z.string(), test: z.enum(Object.keys(curves) as CurveName[]), area: z.number() }),
  ),
  /** Correlation of each map's pixels with those of the design's column of comparison; null where one is constant. */
  likeness: z.array(z.object({ column: z.string(), correlation: z.number().nullable() })),
});

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** What was measured on one photograph: its class, its confidence, and that of each of its masked forms. */
export interface Photograph extends DeepReadonly<z.infer<typeof photographSchema>> {}
