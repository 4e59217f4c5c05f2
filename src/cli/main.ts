import yargs, { type Argv, type CommandModule } from "yargs";
import { erfitVersion } from "../io/version.ts";
import { ErfitError, messageOf, onCommandLine, visible } from "../core/error.ts";
import { Interrupted } from "../io/interruption.ts";

/** Loaded when it is named: otherwise most of a short command's time goes into loading the libraries of the others. */
const commands: Readonly<Record<string, () => Promise<CommandModule>>> = {
  demo: async () => (await import("./demo.ts")).demoCommand,
  layers: async () => (await import("./layers.ts")).layersCommand,
  calibrate: async () => (await import("./calibrate/calibrate.ts")).calibrateCommand,
  compare: async () => (await import("./compare.ts")).compareCommand,
  merge: async () => (await import("./merge.ts")).mergeCommand,
  cam: async () => (await import("./cam.ts")).camCommand,
  evaluate: async () => (await import("./evaluate.ts")).evaluateCommand,
  report: async () => (await import("./report.ts")).reportCommand,
  probe: async () => (await import("./probe.ts")).probeCommand,
  fit: async () => (await import("./fit.ts")).fitCommand,
  export: async () => (await import("./export.ts")).exportCommand,
  gradient: async () => (await import("./gradient.ts")).gradientCommand,
};

/** What every command has. */
const outputOptions = {
  json: {
    type: "boolean",
    default: false,
    group: "Output:",
    describe: "print one JSON document on stdout; messages go to stderr",
  },
  quiet: {
    type: "boolean",
    default: false,
    alias: "q",
    group: "Output:",
    describe: "no progress and no remarks",
  },
} as const;

/** The command that the first word names; all of them, for help and suggestions, where it names none. */
function commandsFor(argv: readonly string[]): Promise<CommandModule[]> {
  const first = argv.find((word) => !word.startsWith("-")) ?? "";
  const named = Object.hasOwn(commands, first) ? commands[first] : undefined;
  return Promise.all((named === undefined ? Object.values(commands) : [named]).map((load) => load()));
}

/** yargs' messages, worded as the others are. */
const messages: readonly (readonly [RegExp, string])[] = [
  [/^Did you mean (.*)\?$/, "no such command; did you mean $1?"],
  [/^Unknown arguments?: /, "unknown option or argument: "],
  [
    /^Not enough non-option arguments: got (\d+), need at least (\d+)$/,
    "too few arguments: $1 given, $2 needed",
  ],
  [/^Not enough arguments following: (.*)$/, "--$1 needs a value"],
  [/^Missing required arguments?: (.*)$/, "--$1 is missing"],
  [/^Invalid values: *Argument: (.*), Given: (.*), Choices: (.*)$/, "--$1 $2: expected one of $3"],
];

const reworded = (message: string): string =>
  messages.reduce((text, [theirs, ours]) => text.replace(theirs, ours), message.replace(/\s*\n\s*/g, " "));

/** One line for a person; with ERFIT_DEBUG set, the stack as well. */
function complain(thrown: unknown): void {
  const { message, remedy } =
    thrown instanceof ErfitError ? thrown.marked : { message: messageOf(thrown), remedy: undefined };
  const line = onCommandLine(`erfit: ${message}${remedy === undefined ? "" : ` — ${remedy}`}`).replace(
    /\s*\n\s*/g,
    " ",
  );
  process.stderr.write(`${visible(line)}\n`);
  if (process.env["ERFIT_DEBUG"] !== undefined && thrown instanceof Error)
    process.stderr.write(`${thrown.stack ?? ""}\n`);
}

/** A reader that has seen enough (`erfit layers MODEL | head`) is no failure; a full disk behind `>` is one. */
function leaveWithReader(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(0);
  complain(new ErfitError(`the result cannot be written to standard output: ${error.message}`));
  process.exit(1);
}

/** What becomes of the process where its output cannot be written. */
export function watchStreams(): void {
  process.stdout.on("error", leaveWithReader);
  process.stderr.on("error", () => undefined); // messages that nobody can read are no reason to end a run
}

/** Runs the command line; returns the exit code: 0, 1 for a failure, 2 for a user's mistake, 130 and 143 for an interrupted run. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    await parserFor(argv, await commandsFor(argv)).parseAsync();
    return 0;
  } catch (thrown) {
    complain(thrown);
    if (thrown instanceof Interrupted) return thrown.exitCode;
    return thrown instanceof ErfitError && thrown.kind === "input" ? 2 : 1;
  }
}

const parserFor = (argv: readonly string[], choice: CommandModule[]): Argv =>
  yargs([...argv])
    .scriptName("erfit")
    .usage("erfit measures what a vision network really looks at, and draws it.\n\n$0 <command>")
    .options(outputOptions)
    .command(choice)
    .demandCommand(1, "name a command")
    .strict()
    .recommendCommands()
    .parserConfiguration({ "dot-notation": false })
    .locale("en")
    .version(erfitVersion)
    .help()
    .alias("help", "h")
    .wrap(Math.min(110, process.stdout.columns || 110))
    .exitProcess(false)
    .fail((message, error: Error | undefined) => {
      if (error !== undefined && error.name !== "YError") throw error; // a command's own
      throw new ErfitError(reworded(message), {
        remedy: "`erfit --help` lists the commands, `erfit <command> --help` the options",
      });
    });
