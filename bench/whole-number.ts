import { ErfitError } from "../src/core/error.ts";

/** A whole number of a benchmark's option. @throws ErfitError that names the option */
export function wholeNumber(option: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least) return value;
  throw new ErfitError(`--${option}: expected a whole number, ${least} or more; found ${value}`);
}
