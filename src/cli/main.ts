import yargs from "yargs";
import { erfitVersion } from "../calibration/provenance.ts";
import { ErfitError, messageOf } from "../math/error.ts";
import { calibrateCommand } from "./calibrate.ts";
import { camCommand } from "./cam.ts";
import { demoCommand } from "./demo.ts";
import { fitCommand } from "./fit.ts";
import { gradientCommand } from "./gradient.ts";
import { layersCommand } from "./layers.ts";
import { probeCommand } from "./probe.ts";
import { printable } from "./voice.ts";

const commands = [
  demoCommand,
  layersCommand,
  calibrateCommand,
  camCommand,
  probeCommand,
  fitCommand,
  gradientCommand,
];

/** One line for a person; with ERFIT_DEBUG set, the stack as well. */
function complain(thrown: unknown): void {
  const remedy = thrown instanceof ErfitError && thrown.remedy !== undefined ? ` — ${thrown.remedy}` : "";
  const line = `erfit: ${messageOf(thrown)}${remedy}`.replace(/\s*\n\s*/g, " ");
  process.stderr.write(`${printable(line)}\n`);
  if (process.env["ERFIT_DEBUG"] !== undefined && thrown instanceof Error)
    process.stderr.write(`${thrown.stack ?? ""}\n`);
}

/** Runs the command line; returns the exit code: 0, 1 for a failure, 2 for a user's mistake. */
export async function main(argv: readonly string[]): Promise<number> {
  const parser = yargs([...argv])
    .scriptName("erfit")
    .usage("erfit measures what a vision network really looks at, and draws it.\n\n$0 <command>")
    .command(commands)
    .demandCommand(1, "name a command; `erfit --help` lists them")
    .strict()
    .recommendCommands()
    .version(erfitVersion)
    .help()
    .alias("help", "h")
    .wrap(Math.min(110, process.stdout.columns || 110))
    .exitProcess(false)
    .fail((message, error) => {
      throw (
        (error as Error | undefined) ??
        new ErfitError(message, { remedy: "`erfit <command> --help` lists the options" })
      );
    });
  try {
    await parser.parseAsync();
    return 0;
  } catch (thrown) {
    complain(thrown);
    return thrown instanceof ErfitError && thrown.kind === "input" ? 2 : 1;
  }
}
