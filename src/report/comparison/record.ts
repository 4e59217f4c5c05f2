import type { ComparedErf } from "../../calibration/comparison/compared.ts";
import type { Growth } from "../../calibration/comparison/growth.ts";
import type { PairTest } from "../../calibration/comparison/difference.ts";

/** Calibrations beside each other, as every form of the result tells of them. */
export interface Comparison {
  readonly compared: readonly ComparedErf[];
  readonly tests: readonly PairTest[];
  /** Of layers of one network; null for others. */
  readonly growth: Growth | null;
  /** What a reader must know: different protocols, input sizes. */
  readonly remarks: readonly string[];
}
