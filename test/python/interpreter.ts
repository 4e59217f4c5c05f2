import { execFileSync } from "node:child_process";

/** The interpreter that the environment variable names, as in `bench/`; tests that need it are skipped without it. */
const interpreter = process.env["ERFIT_PYTHON"] ?? "";

/** Python code in a folder; what it prints. No GPU is offered to it. */
export function python(code: string, folder: string): string {
  return execFileSync(interpreter, ["-c", code], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, CUDA_VISIBLE_DEVICES: "" },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** For `describe.skipIf(...)`: true, with a word on the console, where Python or one of its modules is absent. */
export function withoutPython(what: string, modules: readonly string[]): boolean {
  const why = missing(modules);
  if (why !== null) console.warn(`skipped: ${what} (${why})`);
  return why !== null;
}

function missing(modules: readonly string[]): string | null {
  if (interpreter === "") return "set ERFIT_PYTHON to a Python interpreter to run it";
  try {
    python(`import ${modules.join(", ")}`, ".");
    return null;
  } catch {
    return `where ERFIT_PYTHON points, one of ${modules.join(", ")} cannot be imported`;
  }
}
