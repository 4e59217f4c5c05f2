import type { Argv, CommandModule, InferredOptionTypes, Options } from "yargs";
import { outputOptions } from "./options.ts";
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

/** A definition as a yargs command; `--json` and `--quiet` are every command's. */
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
      return yargs.options({ ...options, ...outputOptions });
    },
    async handler(given) {
      const resolved = given as unknown as Arguments<O, P>; // yargs fills in what the options declare
      await run(resolved, createVoice(given["json"] === true, given["quiet"] === true));
    },
  };
}
