import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import type { Scratch } from "./scratch.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A reader's strict project. The library is the built one, by its name and its own types. */
const settings: ts.CompilerOptions = {
  strict: true,
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  verbatimModuleSyntax: true,
  skipLibCheck: true,
  noEmit: true,
  typeRoots: [join(root, "node_modules/@types")],
  types: ["node"],
};

/** The compiler's errors in a module in the page's folder. */
function problemsOf(file: string): readonly string[] {
  const program = ts.createProgram([file], settings);
  return ts.getPreEmitDiagnostics(program, program.getSourceFile(file)).map(({ messageText, start = 0 }) => {
    const line = program.getSourceFile(file)?.getLineAndCharacterOfPosition(start).line ?? 0;
    return `line ${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
}

/** Checks a module's types against the built library, and runs it. Throws with what is wrong. */
export async function module(code: string, { folder, environment }: Scratch): Promise<void> {
  const source = join(folder, "block.mts");
  await writeFile(source, code);
  const problems = problemsOf(source);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { ...settings, noEmit: false },
    fileName: source,
  });
  const compiled = join(folder, "block.mjs");
  await writeFile(compiled, outputText);
  const { status, stderr } = spawnSync(process.execPath, [compiled], {
    cwd: folder,
    env: environment,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr.slice(-4000));
}
