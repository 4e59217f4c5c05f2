import { z } from "zod";

/**
 * An option is written once: name, type, default, check and help. The library's functions take it by its name, the command
 * line by the kebab case of it.
 */
export interface Option<T, Several extends boolean = boolean, Given extends boolean = boolean> {
  /** Checks a value; of an option of several values, one of them. */
  readonly schema: z.ZodType<T>;
  readonly group: OptionGroup;
  /** A phrase that stands alone. */
  readonly describe: string;
  /** One letter for the command line. */
  readonly alias?: string | undefined;
  /** The value without the option; undefined where there is none. */
  readonly default: T | readonly T[] | undefined;
  /** What happens without the option, where that is not one value. */
  readonly otherwise?: string | undefined;
  /** Whether it takes one value or several. */
  readonly several: Several;
  /** Whether it always has a value: its default, where none is given. */
  readonly always: Given;
  /** Whether a list of several may be empty. */
  readonly mayBeEmpty?: boolean | undefined;
  /** The value that a text on a command line stands for, where it is not the text itself. The schema checks it. */
  readonly fromText?: ((text: string) => unknown) | undefined;
}

/** Where help shows an option, in this order. */
export const optionGroups = {
  input: "Input",
  layer: "Layer",
  method: "Method",
  output: "Output",
  advanced: "Advanced",
} as const;
type OptionGroup = keyof typeof optionGroups;

/** Options by their names. */
export type OptionTable = Readonly<Record<string, Option<unknown>>>;

interface Facts {
  readonly group: OptionGroup;
  readonly describe: string;
  readonly alias?: string;
  readonly otherwise?: string;
  readonly mayBeEmpty?: boolean;
  readonly fromText?: (text: string) => unknown;
}

/** An option of one value, with a default or without. */
export function option<T>(
  schema: z.ZodType<T>,
  facts: Facts & { readonly default: NoInfer<T> },
): Option<T, false, true>;
export function option<T>(schema: z.ZodType<T>, facts: Facts): Option<T, false, false>;
export function option<T>(schema: z.ZodType<T>, facts: Facts & { readonly default?: T }): Option<T> {
  return { default: undefined, ...facts, schema, several: false, always: facts.default !== undefined };
}

/** An option of one value or several. */
export function several<T>(
  schema: z.ZodType<T>,
  facts: Facts & { readonly default: readonly NoInfer<T>[] },
): Option<T, true, true>;
export function several<T>(schema: z.ZodType<T>, facts: Facts): Option<T, true, false>;
export function several<T>(
  schema: z.ZodType<T>,
  facts: Facts & { readonly default?: readonly T[] },
): Option<T> {
  return { default: undefined, ...facts, schema, several: true, always: facts.default !== undefined };
}

/** The same option with other facts. */
export const withFacts = <O extends Option<unknown>>(given: O, facts: Partial<Facts>): O => ({
  ...given,
  ...facts,
});

/** One, or several. */
export type OneOrMore<T> = T | readonly T[];

/** What a user may give: every option is optional. */
export type GivenOptions<O extends OptionTable> = {
  readonly [K in keyof O]?: O[K] extends Option<infer T, infer Several>
    ? (Several extends true ? OneOrMore<T> : T) | undefined
    : never;
};

/** What a task gets: checked, complete. */
export type CheckedOptions<O extends OptionTable> = {
  readonly [K in keyof O]: O[K] extends Option<infer T, infer Several, infer Always>
    ? (Several extends true ? readonly T[] : T) | (Always extends true ? never : undefined)
    : never;
};

/** The defaults of a table. */
export const defaultsOf = <O extends OptionTable>(table: O): CheckedOptions<O> =>
  Object.fromEntries(
    Object.entries(table).map(([key, { default: value }]) => [key, value]),
  ) as CheckedOptions<O>; // an option that always has a value has a default

/** Numbers that are written with commas between them. */
export const numbersFromText = (text: string): readonly unknown[] =>
  text.split(",").map((part) => numberFromText(part));

/** A number; a text that is none stays as it is, for the check to show it. */
export const numberFromText = (text: string): unknown => {
  const value = text.trim() === "" ? NaN : Number(text);
  return Number.isNaN(value) ? text : value;
};

/** @throws the check's words: `expected a whole number, 1 or more` */
export const wholeNumber = (least: number, what = "a whole number"): z.ZodType<number> => {
  const expected = `expected ${what}, ${least} or more`;
  return z.int(expected).min(least, expected);
};

export const numberFrom = (least: number): z.ZodType<number> => {
  const expected = `expected a number, ${least} or more`;
  return z.number(expected).min(least, expected);
};

/** A choice of names. */
export const oneOf = <const T extends string>(names: readonly T[]): z.ZodType<T> =>
  z.enum(names, `expected one of ${names.map((name) => JSON.stringify(name)).join(", ")}`);

export const text = z.string("expected a text");
export const flag = z.boolean("expected true or false");
