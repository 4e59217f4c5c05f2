import { inspect } from "node:util";
import type { z } from "zod";
import { ErfitError, optionText } from "../core/error.ts";
import { didYouMean } from "../core/suggestion.ts";
import { option, type CheckedOptions, type GivenOptions, type Option, type OptionTable } from "./option.ts";

/** A value as an error shows it. */
function shown(value: unknown): string {
  if (typeof value === "number" && Number.isNaN(value)) return "something that is not a number";
  const written = inspect(value, { depth: 1, breakLength: Infinity });
  return written.length > 60 ? `${written.slice(0, 60)}…` : written;
}

const within = (given: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    given,
  );

/**
 * The options complete: those that were given, checked, and the defaults of the others. A program in JavaScript has no
 * compiler that would check them, and neither has a command line.
 * @param who the function, as the library's errors call it; the command line gives none
 * @throws ErfitError for the first option that is unknown, or of another type or value
 */
export function checkedOptions<O extends OptionTable>(
  table: O,
  given: GivenOptions<O>,
  who?: string,
): CheckedOptions<O> {
  const prefix = who === undefined ? "" : `${who}: `;
  const options: unknown = given;
  if (typeof options !== "object" || options === null)
    throw new ErfitError(`${prefix}the options must be an object, found ${shown(options)}`);
  refuseUnknown(Object.keys(given), Object.keys(table), prefix);
  const checked = Object.entries(table).map(([key, option]) => {
    const value: unknown = Reflect.get(given, key);
    return [key, value === undefined ? option.default : checkedValue(key, option, value, prefix)];
  });
  return Object.fromEntries(checked) as CheckedOptions<O>; // each option of the table, checked
}

/** The fields of a record that a figure is drawn of, each checked where it is given. */
export function checkedFields<R extends object>(
  who: string,
  schemas: { readonly [K in keyof R]-?: z.ZodType<R[K]> },
  given: R,
): R {
  const table = Object.entries<z.ZodType>(schemas).map(([key, schema]) => [
    key,
    option(schema, { group: "output", describe: "" }),
  ]);
  checkedOptions(Object.fromEntries(table) as OptionTable, given, who); // a table of these entries
  return given;
}

function checkedValue(key: string, option: Option<unknown>, value: unknown, prefix: string): unknown {
  const values: readonly unknown[] = option.several && Array.isArray(value) ? value : [value];
  if (values.length === 0 && option.mayBeEmpty !== true)
    throw new ErfitError(
      `${prefix === "" ? "" : `${prefix}option `}${optionText(key)}: expected one or more`,
    );
  values.forEach((one, place) => {
    const [issue] = option.schema.safeParse(one).error?.issues ?? [];
    if (issue === undefined) return;
    const expected = expectation(issue);
    // On a command line a value is one text: where in it something is wrong shows in the value.
    const remedy = { remedy: meant(issue, within(one, issue.path)) };
    if (prefix === "") throw new ErfitError(`${optionText(key)}: ${expected}; found ${shown(one)}`, remedy);
    const where = [...(option.several && Array.isArray(value) ? [place] : []), ...issue.path].map(String);
    const name = optionText([key, ...where].join("."));
    const found = shown(within(one, issue.path));
    throw new ErfitError(`${prefix}option ${name}: ${expected}; found ${found}`, remedy);
  });
  return option.several ? values : value;
}

function refuseUnknown(given: readonly string[], known: readonly string[], prefix: string): void {
  for (const name of given)
    if (!known.includes(name))
      throw new ErfitError(`${prefix}no option is called "${name}"`, { remedy: nearest(name, known) });
}

function nearest(name: string, names: readonly string[]): string {
  const question = didYouMean(name, names, String);
  const all = names.length === 0 ? "there is none" : `There are: ${names.join(", ")}`;
  return question === undefined ? all : `${question} ${all}`;
}

/** The names that were expected, of a choice of names. */
function choicesIn(issue: z.core.$ZodIssue): readonly string[] {
  switch (issue.code) {
    case "invalid_value":
      return issue.values.filter((value) => typeof value === "string");
    case "invalid_union":
      return issue.errors.flatMap((issues) => issues.flatMap(choicesIn));
    case "custom": {
      const choices: unknown = issue.params?.["choices"];
      return Array.isArray(choices) ? choices.filter((choice) => typeof choice === "string") : [];
    }
    default:
      return [];
  }
}

const meant = (issue: z.core.$ZodIssue, given: unknown): string | undefined =>
  typeof given === "string" ? didYouMean(given, choicesIn(issue)) : undefined;

/** What was expected, without zod's own "Invalid input"; of a union, what its members expect of such a value. */
function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys") return `unknown: ${issue.keys.join(", ")}`;
  if (issue.code !== "invalid_union")
    return issue.message.replace(/^Invalid [a-z]+: /, "").replace(/, received .*$/, "");
  const all = [
    ...new Set(issue.errors.flatMap(([first]) => (first === undefined ? [] : expectation(first)))),
  ];
  const telling = all.filter((one) => !/^expected (array|object|tuple)$/.test(one));
  return (telling.length > 0 ? telling : all).join(", or ");
}
