import { z } from "zod";
import type { OptionChecks } from "./check.ts";

/** Work that can be ended from outside. */
export interface Abortable {
  /** Ends the work after the image under way, closes what it has open, and lets it fail with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export const signalCheck: OptionChecks<Abortable> = { signal: z.instanceof(AbortSignal).optional() };
