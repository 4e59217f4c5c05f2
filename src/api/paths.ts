import { ErfitError } from "../core/error.ts";

/** @throws ErfitError where a file is not named by its path */
export function requirePath(who: string, file: unknown): string {
  if (typeof file === "string") return file;
  throw new ErfitError(`${who}: the file must be named by its path, found ${typeof file}`);
}
