import ts from "typescript";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { notebooks } from "./notebook.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A notebook's code as one module that nobody has written to a file: it imports "erfit" as any user would. */
function problemsOf(code: string): readonly string[] {
  const file = join(root, "notebooks/cells.ts");
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path)).config,
    ts.sys,
    root,
  );
  const settings: ts.CompilerOptions = {
    ...options,
    paths: { erfit: [join(root, "src/index.ts")], "erfit/figures": [join(root, "src/figures.ts")] },
  };
  const host = ts.createCompilerHost(settings);
  const [fileExists, getSourceFile] = [host.fileExists.bind(host), host.getSourceFile.bind(host)];
  host.fileExists = (name) => name === file || fileExists(name);
  host.getSourceFile = (name, target) =>
    name === file ? ts.createSourceFile(name, code, target, true) : getSourceFile(name, target);
  const program = ts.createProgram([file, join(root, "test/notebooks/deno-kernel.d.ts")], settings, host);
  return ts.getPreEmitDiagnostics(program, program.getSourceFile(file)).map(({ messageText, start = 0 }) => {
    const line = code.slice(0, start).split("\n").length;
    return `${ts.flattenDiagnosticMessageText(messageText, " ")} (${code.split("\n")[line - 1] ?? ""})`;
  });
}

describe("the code of the notebooks fits the library's types", () => {
  it.each(notebooks)("$name", ({ code }) => {
    expect(problemsOf(code.map(({ source }) => source).join("\n"))).toEqual([]);
  });

  it("and code that does not fit is found", () => {
    const [problem = ""] = problemsOf(`import { chosenLayer } from "erfit";\nchosenLayer("net.onnx", 1);\n`);
    expect(problem).toContain("not assignable");
  });
});
