import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The folder of reference data beside the checkout, or undefined where it is absent. Nothing in it is ever written. */
const folder = fileURLToPath(new URL("../../shared/reference", import.meta.url));
export const reference: string | undefined = existsSync(folder) ? folder : undefined;

/** A file of the checkout, by its path within it. */
export const bundled = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Path of a reference file; call it only inside tests that are skipped where the folder is absent. */
export function referencePath(...parts: readonly string[]): string {
  if (reference === undefined)
    throw new Error("shared/reference is absent: the test should have been skipped");
  return [reference, ...parts].join("/");
}

/** For `describe.skipIf(...)`: true, with a word on the console, where the reference data is absent. */
export function withoutReference(what: string): boolean {
  if (reference === undefined) console.warn(`skipped: ${what} (needs ../shared/reference, which is absent)`);
  return reference === undefined;
}

export const readJson = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));
