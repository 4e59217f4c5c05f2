#!/usr/bin/env node
/**
 * node scripts/api.js: writes the API reference, docs/api, from the doc comments and the option tables. With --check it writes
 * nothing, and fails where the reference that is there is another one.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath, URL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const typedoc = fileURLToPath(new URL("bin/typedoc", import.meta.resolve("typedoc/package.json")));
const reference = join(root, "docs/api");

/** The files of a folder, by their paths in it. */
const filesIn = (folder) =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort()
      .map((path) => [path.slice(folder.length), readFileSync(path, "utf8")]),
  );

const fresh = mkdtempSync(join(tmpdir(), "erfit-api-"));
try {
  execFileSync(process.execPath, [typedoc, "--out", fresh, "--logLevel", "Warn"], {
    cwd: root,
    stdio: "inherit",
  });
  const [made, saved] = [filesIn(fresh), filesIn(reference)];
  const stale = [...new Set([...made.keys(), ...saved.keys()])].filter(
    (path) => made.get(path) !== saved.get(path),
  );
  if (!process.argv.includes("--check")) {
    rmSync(reference, { recursive: true, force: true });
    cpSync(fresh, reference, { recursive: true });
  } else if (stale.length > 0) {
    process.stderr.write(`docs/api is stale: ${stale.join(", ")}; npm run api writes it\n`);
    process.exitCode = 1;
  }
} finally {
  rmSync(fresh, { recursive: true });
}
