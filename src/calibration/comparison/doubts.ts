import type { ComparedErf } from "./compared.ts";

/**
 * Warnings that leave a test of a difference as it stands: of how many photographs there are, which the interval already
 * tells, and of uses of the fit other than its sigmas. Any other code, also one that is not known here, puts in doubt that
 * sigma is the field's width, or that its interval is right.
 */
const harmless: ReadonlySet<string> = new Set([
  "FEW_BLOCKS",
  "FEW_PHOTOGRAPHS",
  "IMAGES_SKIPPED",
  "NO_ANGLE",
  "SIGMA_BELOW_STRIDE",
  "TARGET_NOT_REACHED",
]);

/** A warning, by its code, and those of the compared that have it. */
export interface SharedWarning {
  readonly code: string;
  /** Their labels. */
  readonly of: readonly string[];
}

/** The codes of a calibration's warnings. */
export const codesOf = ({ calibration: { warnings } }: ComparedErf): readonly string[] => [
  ...new Set(warnings.map(({ code }) => code)),
];

/** Those that put its sigmas, or their intervals, in doubt. */
export const doubtsOf = (one: ComparedErf): readonly string[] =>
  codesOf(one).filter((code) => !harmless.has(code));

/** Of each code, who has it. */
export function sharedWarnings(
  compared: readonly ComparedErf[],
  codes: (one: ComparedErf) => readonly string[],
): readonly SharedWarning[] {
  const found = new Map<string, string[]>();
  for (const one of compared)
    for (const code of codes(one)) found.set(code, [...(found.get(code) ?? []), one.label]);
  return Array.from(found, ([code, of]) => ({ code, of }));
}
