import { execFile } from "node:child_process";
import type { Scratch } from "./scratch.ts";

/** What lines of a shell in the page's folder print on stdout. They run to the first that fails: throws with what it printed. */
export function shell(code: string, { folder, environment }: Scratch): Promise<string> {
  return bash(["-euo", "pipefail", "-c", code], folder, environment);
}

/** Reads a script without running it. */
export const shellSyntax = (code: string): Promise<string> =>
  bash(["-n", "-c", code], process.cwd(), process.env);

function bash(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile("bash", args, { cwd, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${stdout.slice(-2000)}\n${stderr.slice(-4000)}`.trim()));
    });
  });
}
