import { execFile } from "node:child_process";
import type { Scratch } from "./scratch.ts";

/** Runs lines of a shell in the page's folder, to the first that fails. Throws with what it printed. */
export function shell(code: string, { folder, environment }: Scratch): Promise<void> {
  return bash(["-euo", "pipefail", "-c", code], folder, environment);
}

/** Reads a script without running it. */
export const shellSyntax = (code: string): Promise<void> =>
  bash(["-n", "-c", code], process.cwd(), process.env);

function bash(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile("bash", args, { cwd, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error === null) resolve();
      else reject(new Error(`${stdout.slice(-2000)}\n${stderr.slice(-4000)}`.trim()));
    });
  });
}
