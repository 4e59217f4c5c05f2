import { join, sep } from "node:path";
import picomatch from "picomatch";
import { entryAt, filesIn } from "./entries.ts";

/** Whether a path that does not exist can be a glob. */
export const isPattern = (path: string): boolean => picomatch.scan(path).isGlob || /[*?]/.test(path);

/** The folder that the pattern starts with, where such a one exists, and the pattern within it. */
async function startOf(pattern: string): Promise<{ readonly folder: string; readonly rest: string }> {
  const parts = (sep === "\\" ? pattern.replaceAll("\\", "/") : pattern).split("/");
  for (let count = parts.length - 1; count > 0; count--) {
    const folder = parts.slice(0, count).join("/") || "/";
    if ((await entryAt(folder))?.kind === "folder") return { folder, rest: parts.slice(count).join("/") };
  }
  return { folder: "", rest: parts.join("/") };
}

/** Only * and ? as wildcards: parentheses, brackets and braces are often a part of a name. */
const withPlainBrackets = (pattern: string): string => pattern.replaceAll(/[\\()[\]{}!+@|^$]/g, "\\$&");

/**
 * The files that a glob matches. A folder at its start that exists is that folder, whatever characters it has; where the glob
 * matches nothing, its brackets stand for themselves.
 */
export async function filesMatching(pattern: string): Promise<readonly string[]> {
  const { folder, rest } = await startOf(pattern);
  const depth = rest.includes("**") ? Infinity : rest.split("/").length;
  const files = await filesIn(folder === "" ? "." : folder, depth);
  for (const glob of [rest, withPlainBrackets(rest)]) {
    const matches = picomatch(glob);
    const found = files.filter((file) => matches(file));
    if (found.length > 0) return found.map((file) => (folder === "" ? file : join(folder, file)));
  }
  return [];
}
