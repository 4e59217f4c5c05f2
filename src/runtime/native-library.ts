import { ErfitError, messageOf, firstLineOf } from "../core/error.ts";

/** A package with a binary for each platform that it knows. It is loaded when it is first needed: much of erfit needs none. */
interface NativeLibrary {
  /** As messages name it. */
  readonly name: string;
  readonly package: string;
  /** What erfit cannot do without it. */
  readonly purpose: string;
  /** What to do where the package has no binary that runs on this platform. */
  readonly remedy: string;
}

/** How Node, or a package in its place, reports a file that is not there. */
const absent =
  /Cannot find (module|package)|Unsupported (OS|architecture)|Could not load the "\w+" module|Failed to load native binding/;

/** How musl's loader fails on a binary that was linked against glibc. */
const linkedAgainstGlibc = /Error loading shared library|Error relocating/;

/** Whether the package itself, not its binary, is missing. */
export const notInstalled = (name: string, thrown: unknown): boolean =>
  new RegExp(`^Cannot find (module|package) '${name}'`).test(messageOf(thrown));

/** The error for a library that does not load: what is missing on this platform, and what to do. */
export function doesNotLoad(library: NativeLibrary, thrown: unknown): ErfitError {
  const { name, package: own, purpose, remedy } = library;
  const platform = `${process.platform}-${process.arch}`;
  const because = (reason: string, whatToDo: string) =>
    new ErfitError(`${purpose}: ${reason}`, { kind: "failure", remedy: whatToDo, cause: thrown });
  if (notInstalled(own, thrown))
    return because(`${name} (package ${own}) is not installed`, "install erfit again, with its dependencies");
  if (linkedAgainstGlibc.test(messageOf(thrown)))
    return because(`${name} (package ${own}) has no binary for ${platform} with musl`, remedy);
  if (absent.test(messageOf(thrown)))
    return because(`${name} (package ${own}) has no binary for ${platform}`, remedy);
  return because(`${name} (package ${own}) does not load on ${platform}: ${firstLineOf(thrown)}`, remedy);
}

/** Loads the library once. @returns a function that gives it, and throws an ErfitError where it does not load */
export function nativeLibrary<Library>(
  library: NativeLibrary,
  load: () => Promise<Library>,
): () => Promise<Library> {
  let loading: Promise<Library> | undefined;
  return () =>
    (loading ??= load().catch((thrown: unknown) => {
      throw doesNotLoad(library, thrown);
    }));
}
