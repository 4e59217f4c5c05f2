import { ErfitError } from "../core/error.ts";
import { checkedOptions } from "../tasks/check.ts";
import type { CheckedOptions, GivenOptions, OptionTable } from "../tasks/option.ts";
import { requireModel, type Model, type ModelHandle } from "./model.ts";
import { runOf, type Run } from "./run.ts";

/** How a function of the library becomes a task: its arguments checked, its steps a run. */

/** Work that can be ended from outside. */
export interface Abortable {
  /** Ends the work after the image under way, closes what it has open, and lets it fail with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What a task tells people on a terminal; a program reads the results, and `model.remarks`. */
export const silent = { info: () => undefined };

/**
 * Images to work on: a folder (searched to its depths), a glob, a list file (`.txt`, one path a line), a photograph, or a
 * ready tensor (`.npy`), or several of these. Paths are relative to the working directory.
 */
export type Images = string | readonly string[];

/** The images as a list of inputs. @throws ErfitError where they are none */
export function requireImages(who: string, images: Images): readonly string[] {
  const inputs: readonly unknown[] = Array.isArray(images) ? images : [images];
  const named = inputs.filter((input) => typeof input === "string");
  if (named.length === inputs.length && named.length > 0) return named;
  throw new ErfitError(`${who}: the images must be a path, a glob or a list file, or an array of them`);
}

/** @throws ErfitError where they are not named by their paths */
export function requirePaths(
  who: string,
  what: string,
  given: string | readonly string[],
): readonly string[] {
  const inputs: readonly unknown[] = Array.isArray(given) ? given : [given];
  const paths = inputs.filter((input) => typeof input === "string");
  if (paths.length === inputs.length && paths.length > 0) return paths;
  throw new ErfitError(`${who}: the ${what} must be a path, or an array of paths`);
}

/** @throws ErfitError where a file is not named by its path */
export function requirePath(who: string, file: unknown): string {
  if (typeof file === "string") return file;
  throw new ErfitError(`${who}: the file must be named by its path, found ${typeof file}`);
}

/** What only a program can give: a signal, a function that is called. The command line has no such options. */
const programsOwn = {
  signal: (given: unknown) => given instanceof AbortSignal || "expected AbortSignal",
  onSkipped: (given: unknown) => typeof given === "function" || "expected a function",
} as const;

type Own = keyof typeof programsOwn;

/** A function's options: those of its task checked and complete, its own apart. */
export function optionsOf<O extends OptionTable, P extends object>(
  who: string,
  table: O,
  given: GivenOptions<O> & P,
  own: readonly (Own & keyof P)[] = [],
): { readonly options: CheckedOptions<O>; readonly own: Pick<P, Own & keyof P> } {
  const options: unknown = given;
  if (typeof options !== "object" || options === null) checkedOptions(table, given, who); // throws
  const isOwn = (key: string): key is Own & keyof P => own.some((name) => name === key);
  for (const [key, value] of Object.entries(given)) {
    if (!isOwn(key) || value === undefined) continue;
    const found = programsOwn[key](value);
    if (found !== true) throw new ErfitError(`${who}: option ${key}: ${found}; found ${String(value)}`);
  }
  const [mine, theirs] = [true, false].map((kind) =>
    Object.fromEntries(Object.entries(given).filter(([key]) => isOwn(key) === kind)),
  );
  return {
    options: checkedOptions(table, theirs as GivenOptions<O>, who), // the rest of what was given
    own: mine as Pick<P, Own & keyof P>,
  };
}

/** A function of the library that runs a model on images. */
export function modelRun<O extends OptionTable, Step, Result>(
  who: string,
  table: O,
  [model, images, given]: readonly [Model, Images, GivenOptions<O> & Abortable],
  work: (
    model: ModelHandle,
    images: readonly string[],
    options: CheckedOptions<O>,
    isStopping: () => boolean,
  ) => AsyncGenerator<Step, Result, void>,
): Run<Step, Result> {
  const handle = requireModel(who, model);
  const inputs = requireImages(who, images);
  const { options, own } = optionsOf<O, Abortable>(who, table, given, ["signal"]);
  return runOf((isStopping) => work(handle, inputs, options, isStopping), {
    signal: own.signal,
    owner: handle,
  });
}
