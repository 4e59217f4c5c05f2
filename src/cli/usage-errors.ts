import type { CommandModule, Options } from "yargs";
import { ErfitError, kebab, onCommandLine } from "../core/error.ts";
import { at } from "../core/required.ts";
import { didYouMean } from "../core/suggestion.ts";
import type { OptionTable } from "../tasks/option.ts";

/** What is wrong with a command line: yargs' messages, with what was meant and an example. */

/** What a command takes, as far as an error tells of it. */
interface Usage {
  readonly usage: string;
  readonly positionals: Readonly<Record<string, Options>>;
  readonly options: OptionTable;
  readonly examples?: readonly (readonly [command: string, what: string])[];
}

/** A command with its definition; one of commands has those instead. */
export interface Command extends CommandModule {
  readonly definition?: Usage;
  readonly subcommands?: Readonly<Record<string, { readonly definition: Usage }>>;
}

/** What an error is made of. */
interface Given {
  readonly argv: readonly string[];
  /** Names of all commands. */
  readonly commands: readonly string[];
  /** The command that the first word names. */
  readonly command: Command | undefined;
  /** Options that every command has. */
  readonly shared: readonly string[];
}

const isWord = (text: string): boolean => !text.startsWith("-");

/** The definition that the words name, and how they name it. */
function named({ argv, command }: Given): { readonly name: string; readonly usage: Usage } | undefined {
  const [name = "", sub = ""] = argv.filter(isWord);
  if (command?.definition !== undefined) return { name, usage: command.definition };
  const found = Object.entries(command?.subcommands ?? {}).find(([key]) => key === sub);
  return found && { name: `${name} ${sub}`, usage: found[1].definition };
}

const helpOf = (given: Given): string => {
  const name = named(given)?.name ?? "";
  return name === "" ? "`erfit --help` lists the commands" : `\`erfit ${name} --help\` lists the options`;
};

const exampleOf = ({ examples = [] }: Usage): string => {
  const [first] = examples;
  return first === undefined ? "" : `for example \`${first[0]}\`; `;
};

/** Names of the options that a command takes, without dashes. */
const optionsOf = (given: Given): readonly string[] => {
  const usage = named(given)?.usage;
  return [
    ...Object.entries(usage?.options ?? {}).flatMap(([key, { alias }]) => [
      kebab(key),
      ...(alias === undefined ? [] : [alias]),
    ]),
    ...given.shared,
  ];
};

const dashed = (name: string): string => (name.length === 1 ? `-${name}` : `--${name}`);

/** Whether a command line has an option of that name: `--name`, `--name=value`, `--no-name`, or a letter of `-abc`. */
const isOption = (name: string, argv: readonly string[]): boolean =>
  argv.some((word) =>
    name.length === 1
      ? /^-[^-]/.test(word) && word.includes(name)
      : [`--${name}`, `--no-${name}`].some((flag) => word === flag || word.startsWith(`${flag}=`)),
  );

function unknown(names: string, given: Given): ErfitError {
  const { argv } = given;
  const [first = names] = names.split(", ");
  const name = isOption(kebab(first), argv) ? kebab(first) : first;
  if (isOption(name, argv)) {
    const meant = name.length === 1 ? undefined : didYouMean(name, optionsOf(given).filter(isLong), dashed);
    return new ErfitError(`unknown option ${dashed(name)}`, {
      remedy: [meant, helpOf(given)].filter((part) => part !== undefined).join(" "),
    });
  }
  if (given.command === undefined)
    return new ErfitError(`no such command: ${first}`, {
      remedy: [didYouMean(first, given.commands, String), `there are ${given.commands.join(", ")}`]
        .filter((part) => part !== undefined)
        .join(" "),
    });
  const subcommands = Object.keys(given.command.subcommands ?? {});
  const [, sub = names] = argv.filter(isWord);
  if (subcommands.length > 0 && !subcommands.includes(sub))
    return new ErfitError(`no such command: ${argv.filter(isWord).slice(0, 2).join(" ")}`, {
      remedy: [didYouMean(sub, subcommands, String), `there are ${subcommands.join(", ")}`]
        .filter((part) => part !== undefined)
        .join(" "),
    });
  return new ErfitError(`unexpected argument: ${names}`, { remedy: helpOf(given) });
}

const isLong = (name: string): boolean => name.length > 1;

/** Positionals by their names, with what they are. */
function tooFew(count: number, given: Given): ErfitError {
  const found = named(given);
  if (found === undefined) return new ErfitError("too few arguments", { remedy: helpOf(given) });
  const { name, usage } = found;
  const missing = Object.entries(usage.positionals).slice(count);
  const described = missing.map(([key, { describe }]) => `${key.toUpperCase()} (${describe ?? ""})`);
  return new ErfitError(`${name} needs ${described.join(" and ")}`, {
    remedy: `${exampleOf(usage)}${helpOf(given)}`,
  });
}

function withoutValue(name: string, given: Given): ErfitError {
  const option = Object.entries(named(given)?.usage.options ?? {}).find(
    ([key, { alias }]) => kebab(key) === name || alias === name,
  );
  return new ErfitError(`${dashed(name)} needs a value`, {
    remedy: `${option === undefined ? "" : `${onCommandLine(option[1].describe)}; `}${helpOf(given)}`,
  });
}

function notAChoice(name: string, values: string, choices: string, given: Given): ErfitError {
  const texts = (list: string): readonly string[] =>
    Array.from(list.matchAll(/"((?:[^"\\]|\\.)*)"/g), ([, text = ""]) => text);
  const known = texts(choices);
  const wrong = texts(values).find((value) => !known.includes(value));
  const meant = wrong === undefined ? undefined : didYouMean(wrong, known);
  return new ErfitError(`--${name} ${values}: expected one of ${choices}`, {
    remedy: [meant, helpOf(given)].filter((part) => part !== undefined).join(" "),
  });
}

/** yargs' messages, and what is made of each. */
const messages: readonly (readonly [RegExp, (parts: readonly string[], given: Given) => ErfitError])[] = [
  [/^Did you mean (.*)\?$/, (_, given) => unknown(given.argv.find(isWord) ?? "", given)],
  [/^Unknown (?:commands?|arguments?): (.*)$/, (parts, given) => unknown(at(parts, 1), given)],
  [
    /^Not enough non-option arguments: got (\d+), need at least \d+$/,
    (parts, given) => tooFew(Number(at(parts, 1)), given),
  ],
  [/^Not enough arguments following: (.*)$/, (parts, given) => withoutValue(at(parts, 1), given)],
  [
    /^Invalid values: *Argument: (.*?), Given: (.*?), Choices: (.*?)(?: Argument: .*)?$/,
    (parts, given) => notAChoice(at(parts, 1), at(parts, 2), at(parts, 3), given),
  ],
];

/** yargs' message as an error of erfit's. */
export function usageError(message: string, given: Given): ErfitError {
  const line = message.replace(/\s*\n\s*/g, " ");
  for (const [pattern, error] of messages) {
    const parts = pattern.exec(line);
    if (parts !== null) return error(parts, given);
  }
  return new ErfitError(line, { remedy: helpOf(given) });
}
