import { spawn } from "node:child_process";
import { ErfitError, messageOf } from "../../src/core/error.ts";

interface RunOptions {
  /** What the run is for, as the message names it. */
  readonly purpose: string;
  /** Shows what the program writes as it comes, for long installations; otherwise an error quotes the last of it. */
  readonly progress?: boolean;
  readonly remedy?: string;
}

/** How many of a failing program's last lines say what went wrong. */
const lastLines = 12;

/**
 * Runs a program to its end and returns what it wrote to its standard output. No GPU is offered to it.
 * @throws ErfitError with the program's last words if it cannot start or fails
 */
export function run(program: string, options: readonly string[], how: RunOptions): Promise<string> {
  const { purpose, progress = false, remedy } = how;
  const failed = (why: string): ErfitError =>
    new ErfitError(`${purpose}: ${program} ${why}`, {
      kind: "failure",
      ...(remedy === undefined ? {} : { remedy }),
    });
  return new Promise((resolve, reject) => {
    const child = spawn(program, options, {
      env: { ...process.env, CUDA_VISIBLE_DEVICES: "" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [output, complaints] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (progress) process.stderr.write(text);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaints = (complaints + text).slice(-20_000);
      if (progress) process.stderr.write(text);
    });
    child.on("error", (thrown) => {
      reject(failed(`cannot be run (${messageOf(thrown)})`));
    });
    child.on("close", (code, signal) => {
      if (code === 0) resolve(output);
      else {
        const ended = signal === null ? `ended with code ${code ?? "?"}` : `was ended by ${signal}`;
        const words = progress ? "" : complaints.trimEnd().split("\n").slice(-lastLines).join("\n");
        reject(failed(words === "" ? ended : `${ended}\n${words}`));
      }
    });
  });
}
