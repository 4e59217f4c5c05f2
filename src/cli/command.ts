import type { Argv, CommandModule, InferredOptionTypes, Options } from "yargs";
import { ErfitError } from "../core/error.ts";
import type { outputOptions } from "./options.ts";
import { createVoice, type Voice } from "./voice.ts";

/** One subcommand: its words, its options, and what it does with them. */
interface Definition<
  O extends Readonly<Record<string, Options>>,
  P extends Readonly<Record<string, Options>>,
> {
  /** As `layers <model>`; positionals are described in `positionals`. */
  readonly usage: string;
  readonly describe: string;
  readonly positionals: P;
  readonly options: O;
  readonly examples?: readonly (readonly [command: string, what: string])[];
  readonly run: (given: Arguments<O, P>, voice: Voice) => Promise<void>;
}

type Arguments<
  O extends Readonly<Record<string, Options>>,
  P extends Readonly<Record<string, Options>>,
> = CamelCased<InferredOptionTypes<O & P & typeof outputOptions>>;

type Camel<S extends string> = S extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : S;
type CamelCased<T> = { readonly [K in keyof T as K extends string ? Camel<K> : never]: T[K] };

/** Options that take a value must be given one: `--limit` without a number would otherwise mean no limit. */
const withValues = (options: Readonly<Record<string, Options>>): Record<string, Options> =>
  Object.fromEntries(
    Object.entries(options).map(([name, option]) => [
      name,
      option.type === "boolean" ? option : { ...option, requiresArg: true },
    ]),
  );

/** What yargs makes of `--layer a --layer b` (an array) and of `--no-layer` (false) is no value of the option. */
function checkValues(
  options: Readonly<Record<string, Options>>,
  given: Readonly<Record<string, unknown>>,
): void {
  for (const [name, { type, array }] of Object.entries(options)) {
    const value = given[name];
    if (Array.isArray(value) && array !== true)
      throw new ErfitError(`--${name} is given ${value.length} times; expected once`);
    if (value === false && type !== "boolean")
      throw new ErfitError(`--no-${name}: --${name} takes a value and cannot be negated`);
  }
}

/** A definition as a yargs command; `--json` and `--quiet`, which every command has, are declared with the parser. */
export function command<
  const O extends Readonly<Record<string, Options>>,
  const P extends Readonly<Record<string, Options>>,
>(definition: Definition<O, P>): CommandModule {
  const { usage, describe, positionals, options, examples = [], run } = definition;
  return {
    command: usage,
    describe,
    builder(yargs: Argv) {
      for (const [name, option] of Object.entries(positionals))
        yargs.positional(name, option as Parameters<Argv["positional"]>[1]);
      for (const [line, what] of examples) yargs.example(line, what);
      return yargs.options(withValues(options));
    },
    async handler(given) {
      checkValues(options, given);
      const resolved = given as unknown as Arguments<O, P>; // yargs fills in what the options declare
      await run(resolved, createVoice(given["json"] === true, given["quiet"] === true));
    },
  };
}
