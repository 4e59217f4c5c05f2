import { ErfitError } from "../../src/core/error.ts";

/** The error that a user meets. */
export async function refused(attempt: () => Promise<unknown>): Promise<ErfitError> {
  try {
    await attempt();
  } catch (thrown) {
    if (thrown instanceof ErfitError) return thrown;
    throw thrown;
  }
  throw new Error("not refused");
}
