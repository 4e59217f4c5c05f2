import type { Warning } from "./result.ts";

/** One test of a map, a fit, or the photographs behind it: the sentence it has to say, if it has one. */
export interface Gate<Evidence> {
  readonly code: string;
  /** True: no fit can honestly be reported. */
  readonly refuses: boolean;
  /** What it means, and what to do about it. */
  readonly says: (evidence: Evidence) => string | undefined;
}

/** What the gates have to say of the evidence: the first refusal alone, or every warning. */
export function judge<E>(
  gates: readonly Gate<E>[],
  evidence: E,
): { warnings: readonly Warning[]; refused: boolean } {
  const raised = gates.flatMap((gate) => {
    const message = gate.says(evidence);
    return message === undefined ? [] : [{ ...gate, message }];
  });
  const refusal = raised.find(({ refuses }) => refuses);
  const told = refusal === undefined ? raised : [refusal];
  return { warnings: told.map(({ code, message }) => ({ code, message })), refused: refusal !== undefined };
}
