import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, vi } from "vitest";
import { readNpy } from "../../src/core/npy.ts";
import type { Tensor } from "../../src/core/tensor.ts";

/** A file of the checkout, by its path within it. */
export const inCheckout = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export const sampleModel = inCheckout("models/vgg16-sample.onnx");
export const samplePhotograph = (name: string): string => inCheckout(`photos/${name}`);

/** Where the commands of a test file run and write, unless told otherwise; it goes when the tests are done. */
export const folder = mkdtempSync(join(tmpdir(), "erfit-cli-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One after the other: a process has one standard output, and one folder that it is in. */
let previous: Promise<unknown> = Promise.resolve();

/** Runs a command in this process, in `folder`; of `bin/erfit.js` only the two lines are left out. */
export function run(args: readonly string[]): Promise<Outcome> {
  const outcome = previous.then(() => captured(args));
  previous = outcome.catch(() => undefined);
  return outcome;
}

async function captured(args: readonly string[]): Promise<Outcome> {
  const { main } = await import("../../src/cli/main.ts");
  const written = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      written[name] += typeof text === "string" ? text : Buffer.from(text).toString();
      return true;
    }),
  );
  process.chdir(folder);
  try {
    const code = await main(args);
    return { code, ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

const executable = inCheckout("bin/erfit.js");
const environment = { ...process.env, ERFIT_DEBUG: undefined };

/** The user that a command runs as, where it is another one. */
interface User {
  readonly uid: number;
  readonly gid: number;
}

function start(args: readonly string[], user: User | undefined): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const options = { cwd: folder, env: environment, maxBuffer: 2 ** 26, timeout: 60_000, ...user };
    execFile(process.execPath, [executable, ...args], options, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== "number") reject(new Error(error.message));
      else resolve({ code: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

/** The checks' machine has two cores. */
const mostAtOnce = 2;
let running = 0;
const queue: (() => void)[] = [];

/** Runs the built command in a process of its own, as a user would; at most two at once. */
export async function runProcess(args: readonly string[], user?: User): Promise<Outcome> {
  if (running >= mostAtOnce) await new Promise<void>((resolve) => queue.push(resolve));
  else running++;
  try {
    return await start(args, user);
  } finally {
    const next = queue.shift();
    if (next === undefined) running--;
    else next();
  }
}

/** What a successful `--json` run prints: one document, and nothing else on stdout. */
export async function json(args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await run([...args, "--json"]);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

/** No stack of calls, and nothing that drives a terminal. */
export function expectPlainWords(text: string): void {
  expect(text).not.toMatch(/^ +at .+:\d+:\d+\)?$/m);
  expect(text).not.toMatch(/[^\P{Cc}\n]/u);
}

/** The one line that a user's mistake is answered with: last on stderr, exit code 2, nothing on stdout. */
export async function refusal(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(args);
  expectPlainWords(stderr);
  const lines = stderr.trimEnd().split("\n");
  expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: "" });
  expect(
    lines.findIndex((line) => line.startsWith("erfit: ")),
    stderr,
  ).toBe(lines.length - 1);
  return lines.at(-1) ?? "";
}

export const readArray = (path: string): Tensor => readNpy(readFileSync(path), path);
