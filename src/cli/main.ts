import yargs, { type Argv } from "yargs";
import { erfitVersion } from "../io/version.ts";
import { ErfitError, messageOf, onCommandLine, visible } from "../core/error.ts";
import { Interrupted } from "../io/interruption.ts";
import { Documented, failureDocument, jsonText, type Failure } from "./reporter.ts";
import { usageError, type Command } from "./usage-errors.ts";

/** Loaded when it is named: otherwise most of a short command's time goes into loading the libraries of the others. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
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
  cite: async () => (await import("./cite.ts")).citeCommand,
  gradient: async () => (await import("./gradient.ts")).gradientCommand,
};

/** What every command has. */
const outputOptions = {
  json: {
    type: "boolean",
    default: false,
    group: "Output:",
    describe: "print one JSON document on stdout, of the result or of the error; messages go to stderr",
  },
  quiet: {
    type: "boolean",
    default: false,
    alias: "q",
    group: "Output:",
    describe: "print errors alone; layers and fit print their result, and --json its document",
  },
} as const;

/** What a command line asks for. */
interface Request {
  readonly argv: readonly string[];
  /** The command that the first word names; undefined where it names none. */
  readonly command: Command | undefined;
  /** The commands that the parser has to know: that one, or all of them for the help. */
  readonly commands: readonly Command[];
}

const isWord = (text: string): boolean => !text.startsWith("-");

const asksForOne = (argv: readonly string[]): boolean =>
  argv.some((word) => isWord(word) || /^(--help|-h|--version)$/.test(word));

/** A command line without a word shows the help. */
async function requestOf(given: readonly string[]): Promise<Request> {
  const first = given.find(isWord) ?? "";
  const load = Object.hasOwn(commands, first) ? commands[first] : undefined;
  const command = await load?.();
  return {
    argv: asksForOne(given) ? given : ["--help"],
    command,
    commands:
      command === undefined ? await Promise.all(Object.values(commands).map((each) => each())) : [command],
  };
}

/** Message and remedy as the command line writes them. */
function failureOf(thrown: unknown): Failure {
  const { message, remedy } =
    thrown instanceof ErfitError ? thrown.marked : { message: messageOf(thrown), remedy: undefined };
  const written = (text: string) => visible(onCommandLine(text).replace(/\s*\n\s*/g, " "));
  return {
    message: written(message),
    remedy: remedy === undefined ? null : written(remedy),
    kind: thrown instanceof ErfitError ? thrown.kind : "failure",
    exitCode: exitCodeOf(thrown),
  };
}

function exitCodeOf(thrown: unknown): number {
  if (thrown instanceof Interrupted) return thrown.exitCode;
  return thrown instanceof ErfitError && thrown.kind === "input" ? 2 : 1;
}

/** One line for a person; with ERFIT_DEBUG set, the stack as well. With `json`, a program gets the same on stdout. */
function complain(thrown: unknown, json: boolean): number {
  const failure = failureOf(thrown);
  const { message, remedy, exitCode } = failure;
  process.stderr.write(`erfit: ${message}${remedy === null ? "" : ` — ${remedy}`}\n`);
  if (process.env["ERFIT_DEBUG"] !== undefined && thrown instanceof Error)
    process.stderr.write(`${thrown.stack ?? ""}\n`);
  if (json && !(thrown instanceof Documented))
    process.stdout.write(`${jsonText(failureDocument(failure))}\n`);
  return exitCode;
}

/** A reader that has seen enough (`erfit layers MODEL | head`) is no failure; a full disk behind `>` is one. */
function leaveWithReader(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(0);
  complain(new ErfitError(`the result cannot be written to standard output: ${error.message}`), false);
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
    await parserFor(await requestOf(argv)).parseAsync();
    return 0;
  } catch (thrown) {
    return complain(thrown, argv.includes("--json"));
  }
}

const parserFor = ({ argv, command, commands: known }: Request): Argv =>
  yargs([...argv])
    .scriptName("erfit")
    .usage("erfit measures what a vision network really looks at, and draws it.\n\n$0 <command>")
    .options(outputOptions)
    .command([...known])
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
      const shared = [...Object.keys(outputOptions), "help", "version"];
      throw usageError(message, { argv, command, commands: Object.keys(commands), shared });
    });
