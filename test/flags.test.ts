import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";
import ts from "typescript";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Texts in a file that name a flag of the command line: `--sigma`, but not npm's, nor the properties of a style sheet. */
function flagsIn(path: string): readonly string[] {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const isText =
      ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
    if (isText && /(^|[\s(`])--[a-z]/.test(node.text) && !/npm install|`erfit [^`]* --/.test(node.text))
      found.push(`${path.slice(root.length)}: ${node.text}`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

it("no message below the front ends names a flag: an option is named by its key", () => {
  const files = globSync("src/**/*.ts", { cwd: root, absolute: true }).filter(
    (path) => !/src\/cli\/|report\/page\/script/.test(path),
  );
  expect(files.length).toBeGreaterThan(200);
  expect(files.flatMap(flagsIn)).toEqual([]);
});
