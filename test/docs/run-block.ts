import { json } from "./json.ts";
import type { Block } from "./markdown.ts";
import { isOutput } from "./output.ts";
import { preludes } from "./preludes.ts";
import { pythonSession, pythonSyntax, withoutPackages } from "./python.ts";
import type { Scratch } from "./scratch.ts";
import { shell, shellSyntax } from "./shell.ts";
import { module } from "./typescript.ts";

const done = (): string => "";

/** Runs the blocks of one page in their order. Returns what was not run and why, empty where all was. */
export function runner(path: string, place: Scratch): (block: Block) => Promise<string> {
  const prelude = preludes[path] ?? "";
  let python: ReturnType<typeof pythonSession> | undefined;

  const languages: Readonly<Record<string, (block: Block) => string | Promise<string>>> = {
    sh: ({ code }) => shell(code, place).then(done),
    ts: ({ code }) => module(code, place).then(done),
    json: ({ code, kind }) => {
      json(code, kind);
      return done();
    },
    async python({ code }) {
      const absent = withoutPackages(`${prelude}\n${code}`);
      if (absent !== null) return `${pythonSyntax(code) ? "only read" : "not read"}: ${absent}`;
      if (python === undefined) {
        python = pythonSession(place);
        await python(prelude);
      }
      return python(code).then(done);
    },
  };
  /** Languages of which at least the syntax can be looked at. */
  const readers: Readonly<Record<string, (code: string) => unknown>> = {
    sh: shellSyntax,
    bash: shellSyntax,
    python: pythonSyntax,
  };

  return async (block) => {
    if (block.notRun !== null) {
      await readers[block.language]?.(block.code);
      return "";
    }
    if (isOutput(block)) return ""; // numbers.test.ts compares it with what the command prints
    const run = languages[block.language];
    if (run === undefined)
      throw new Error(
        `nothing runs ${block.language || "a block without a language"}: expected one of ${Object.keys(languages).join(", ")}, or <!-- not run: why --> above it`,
      );
    return run(block);
  };
}
