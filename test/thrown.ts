import { ErfitError } from "../src/core/error.ts";

/** The ErfitError that an action throws; anything else fails the test. */
export function thrown(action: () => unknown): ErfitError {
  try {
    action();
  } catch (error) {
    if (error instanceof ErfitError) return error;
    throw error;
  }
  throw new Error("it did not throw");
}
