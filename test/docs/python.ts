import { execFileSync, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { z } from "zod";
import type { Scratch } from "./scratch.ts";

const driver = fileURLToPath(new URL("python.py", import.meta.url));
const interpreter = process.env["ERFIT_PYTHON"] ?? "";

/** Packages that the code imports, which may be absent. */
const packagesOf = (code: string): readonly string[] => [
  ...new Set(Array.from(code.matchAll(/^\s*(?:import|from) (\w+)/gm), ([, name = ""]) => name)),
];

/** Why Python code cannot be run here, or null. */
export function withoutPackages(code: string): string | null {
  if (interpreter === "") return "ERFIT_PYTHON names no Python interpreter";
  try {
    execFileSync(interpreter, ["-c", `import ${["sys", ...packagesOf(code)].join(", ")}`], {
      env: { ...process.env, KERAS_BACKEND: "torch" },
      stdio: "ignore",
    });
    return null;
  } catch {
    return `where ERFIT_PYTHON points, one of ${packagesOf(code).join(", ")} cannot be imported`;
  }
}

/** Any Python that can at least read code. */
const reader = [interpreter, "python3"].find((command) => {
  try {
    execFileSync(command, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
});

/** Reads code without running it. Returns whether there was a Python to read it. */
export function pythonSyntax(code: string): boolean {
  if (reader === undefined) return false;
  execFileSync(reader, ["-c", "import ast, sys; ast.parse(sys.stdin.read())"], { input: code });
  return true;
}

/** One Python for the blocks of a page, which see each other's names. */
export function pythonSession({ folder, environment }: Scratch): (code: string) => Promise<void> {
  const child = spawn(interpreter, [driver], {
    cwd: folder,
    env: environment,
    stdio: ["pipe", "pipe", "ignore"],
  });
  afterAll(() => child.kill());
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async (code) => {
    child.stdin.write(`${JSON.stringify(code)}\n`);
    const answer = await answers.next();
    const problem = answer.done === true ? "Python has ended" : z.string().parse(JSON.parse(answer.value));
    if (problem !== "") throw new Error(problem);
  };
}
