import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { globSync } from "tinyglobby";
import ts from "typescript";
import { expect, it } from "vitest";
import { bundled } from "./reference.ts";

/** Relative imports of a source file, those of types too, as paths from the repository's root. */
const importsOf = (file: string): readonly string[] =>
  ts
    .preProcessFile(readFileSync(bundled(file), "utf8"))
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => name.startsWith("."))
    .map((name) => posix.join(posix.dirname(file), name));

/** The first cycle of a graph, from a file back to itself; undefined where there is none. */
function cycleIn(edges: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of edges.get(file) ?? []) {
      const cycle = visit(next, [...path, file]);
      if (cycle !== undefined) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of edges.keys()) {
    const cycle = visit(file, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

// ESLint's import-x/no-cycle does not follow imports of types.
it("no module imports itself through others, not even its types", () => {
  const files = globSync("src/**/*.ts", { cwd: bundled(".") });
  const edges = files.map((file) => [file, importsOf(file)] as const);
  expect(cycleIn(new Map(edges))).toBeUndefined();
});

it("a cycle is found", () => {
  const edges = { a: ["b"], b: ["c", "d"], c: [], d: ["b"] };
  expect(cycleIn(new Map(Object.entries(edges)))).toEqual(["b", "d", "b"]);
});
