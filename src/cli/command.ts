import type { Argv, CommandModule, InferredOptionTypes, Options } from "yargs";
import { ErfitError, kebab, onCommandLine, optionText } from "../core/error.ts";
import { checkedOptions } from "../tasks/check.ts";
import {
  optionGroups,
  type CheckedOptions,
  type GivenOptions,
  type Option,
  type OptionTable,
} from "../tasks/option.ts";
import { createReporter, type Reporter } from "./reporter.ts";

type Positionals = Readonly<Record<string, Options>>;

/** One subcommand: its help, its options, and what it does with them. */
export interface Definition<O extends OptionTable, P extends Positionals> {
  /** As `layers <model>`; positionals are described in `positionals`. */
  readonly usage: string;
  readonly describe: string;
  readonly positionals: P;
  readonly options: O;
  readonly examples?: readonly (readonly [command: string, what: string])[];
  readonly run: (given: Arguments<O, P>, reporter: Reporter) => Promise<void>;
}

type Arguments<O extends OptionTable, P extends Positionals> = CheckedOptions<O> &
  InferredOptionTypes<P> & { readonly quiet: boolean };

/** Positionals of the commands that run a model on images. */
export const modelPositional = {
  model: {
    type: "string",
    demandOption: true,
    describe: "ONNX file, or the folder or model.json of a TF.js model",
  },
} as const satisfies Positionals;

export const modelAndImages = {
  ...modelPositional,
  photographs: {
    type: "string",
    array: true,
    demandOption: true,
    describe: "folders, globs, list files (.txt), photographs, tensors (.npy)",
  },
} as const satisfies Positionals;

/** What yargs has to know of a value: its type, or its choices. */
function valueOf({ schema, fromText }: Option<unknown>): Pick<Options, "type" | "choices"> {
  const { def } = schema._zod;
  if (fromText !== undefined) return { type: "string" };
  if (def.type === "boolean" || def.type === "number") return { type: def.type };
  return "entries" in def
    ? { choices: Object.values(def.entries as Record<string, string>) }
    : { type: "string" };
}

/** An option as yargs takes it. */
function yargsOption(option: Option<unknown>): Options {
  const { group, describe, alias, otherwise, several } = option;
  const value = valueOf(option);
  return {
    ...value,
    group: `${optionGroups[group]}:`,
    describe: onCommandLine(describe),
    ...(alias === undefined ? {} : { alias }),
    ...(several ? { array: true } : {}),
    ...(option.default === undefined ? {} : { default: option.default }),
    ...(otherwise === undefined ? {} : { defaultDescription: otherwise }),
    // `--limit` without a number would otherwise mean no limit.
    ...(value.type === "boolean" ? {} : { requiresArg: true }),
  };
}

/** Options in the order in which help shows them, by their names on the command line. */
export const yargsOptions = (table: OptionTable): Record<string, Options> =>
  Object.fromEntries(
    Object.keys(optionGroups).flatMap((group) =>
      Object.entries(table)
        .filter(([, option]) => option.group === group)
        .map(([key, option]) => [kebab(key), yargsOption(option)]),
    ),
  );

/** The options that yargs parsed, by the names that the tasks know. */
function parsedOptions<O extends OptionTable>(
  table: O,
  parsed: Readonly<Record<string, unknown>>,
): GivenOptions<O> {
  const given = Object.entries(table).flatMap(([key, option]) => {
    const value = parsed[kebab(key)];
    if (value === undefined) return [];
    refuseMisuse(key, option, value);
    return [[key, value === option.default ? value : valueFrom(option, value)] as const];
  });
  return Object.fromEntries(given) as GivenOptions<O>; // checked next
}

const valueFrom = ({ fromText, several }: Option<unknown>, value: unknown): unknown => {
  const one = (given: unknown) =>
    fromText !== undefined && typeof given === "string" ? fromText(given) : given;
  return several && Array.isArray(value) ? value.map(one) : one(value);
};

/** What yargs makes of `--layer a --layer b` (an array) and of `--no-layer` (false) is no value of the option. */
function refuseMisuse(key: string, option: Option<unknown>, value: unknown): void {
  if (Array.isArray(value) && !option.several)
    throw new ErfitError(`${optionText(key)} is given ${value.length} times; expected once`);
  if (value === false && valueOf(option).type !== "boolean")
    throw new ErfitError(`--no-${kebab(key)}: ${optionText(key)} takes a value and cannot be negated`);
}

/** A definition as a yargs command; `--json` and `--quiet`, which every command has, are declared with the parser. */
export function command<const O extends OptionTable, const P extends Positionals>(
  definition: Definition<O, P>,
): CommandModule & { readonly definition: Definition<O, P> } {
  const { usage, describe, positionals, options, examples = [], run } = definition;
  return {
    definition,
    command: usage,
    describe,
    builder(yargs: Argv) {
      for (const [name, positional] of Object.entries(positionals))
        yargs.positional(name, positional as Parameters<Argv["positional"]>[1]);
      for (const [line, what] of examples) yargs.example(line, what);
      return yargs.options(yargsOptions(options));
    },
    async handler(given) {
      const checked = checkedOptions(options, parsedOptions(options, given));
      const words = Object.fromEntries(Object.keys(positionals).map((name) => [name, given[name]]));
      const quiet = given["quiet"] === true;
      const complete: unknown = { ...words, ...checked, quiet };
      await run(complete as Arguments<O, P>, createReporter(given["json"] === true, quiet)); // yargs fills in the positionals
    },
  };
}
