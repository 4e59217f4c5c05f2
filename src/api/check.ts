import { inspect } from "node:util";
import { distance } from "fastest-levenshtein";
import { z } from "zod";
import { ErfitError } from "../core/error.ts";

/** What each option of a function must be; every option has an entry. */
export type OptionChecks<Options> = { readonly [K in keyof Options]-?: z.ZodType<Options[K]> };

/** A value as an error shows it. */
function shown(value: unknown): string {
  const text = inspect(value, { depth: 1, breakLength: Infinity });
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

const at = (given: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    given,
  );

function nearest(name: string, names: readonly string[]): string {
  const away = (other: string) => distance(name.toLowerCase(), other.toLowerCase());
  const [best] = names.toSorted((a, b) => away(a) - away(b));
  return best === undefined ? "there is none" : `did you mean ${best}? There are: ${names.join(", ")}`;
}

/**
 * The options as they were given, if they are what the function takes: a program in JavaScript has no compiler to say so.
 * @param who the function, as errors call it
 * @throws ErfitError for the first option that is unknown, or of another type or value
 */
export function checked<Options>(who: string, checks: OptionChecks<Options>, given: Options): Options {
  if (typeof given !== "object" || given === null)
    throw new ErfitError(`${who}: the options must be an object, found ${shown(given)}`);
  const names = Object.keys(checks);
  for (const [name, value] of Object.entries(given)) {
    const check: unknown = Reflect.get(checks, name);
    if (!names.includes(name) || !(check instanceof z.ZodType))
      throw new ErfitError(`${who}: no option is called "${name}"`, { remedy: nearest(name, names) });
    const [issue] = check.safeParse(value).error?.issues ?? [];
    if (issue === undefined) continue;
    const place = [name, ...issue.path].map(String).join(".");
    throw new ErfitError(`${who}: option ${place}: ${words(issue)}; found ${shown(at(value, issue.path))}`);
  }
  return given;
}

/** What was expected, without zod's own "Invalid input"; of a union, what its members expect of such a value. */
function words(issue: z.core.$ZodIssue): string {
  if (issue.code !== "invalid_union")
    return issue.message.replace(/^Invalid [a-z]+: /, "").replace(/, received .*$/, "");
  const all = [...new Set(issue.errors.flatMap(([first]) => (first === undefined ? [] : words(first))))];
  const telling = all.filter((one) => !/^expected (array|object|tuple)$/.test(one));
  return (telling.length > 0 ? telling : all).join(", or ");
}
