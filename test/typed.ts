import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * What the compiler says of modules that nobody has written to files: they import "erfit" as any user would.
 * @param folder of the checkout, where they are thought to lie
 * @param declarations files that declare what they find in their surroundings
 */
export function problemsIn(
  modules: Readonly<Record<string, string>>,
  folder: string,
  declarations: readonly string[] = [],
): readonly string[] {
  const files = new Map(
    Object.entries(modules).map(([name, code]) => [join(root, folder, `${name}.ts`), code]),
  );
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
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.getSourceFile = (name, target) => {
    const code = files.get(name);
    return code === undefined ? getSourceFile(name, target) : ts.createSourceFile(name, code, target, true);
  };
  const names = [...files.keys(), ...declarations.map((path) => join(root, path))];
  const program = ts.createProgram(names, settings, host);
  return [...files].flatMap(([name, code]) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(name)).map(({ messageText, start = 0 }) => {
      const line = code.slice(0, start).split("\n").length;
      return `${ts.flattenDiagnosticMessageText(messageText, " ")} (${code.split("\n")[line - 1] ?? ""})`;
    }),
  );
}
