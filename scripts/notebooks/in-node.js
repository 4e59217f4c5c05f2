#!/usr/bin/env node
/**
 * node scripts/notebooks/in-node.js NOTEBOOK: runs a notebook's code in plain Node, without Deno or Jupyter. What its cells
 * print is printed; their pictures go to outputs/notebook/.
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL, URL } from "node:url";
import { stop, transform } from "esbuild";

const notebook = resolve(process.argv[2]);
const root = fileURLToPath(new URL("../..", import.meta.url));
const outputs = join(root, "outputs/notebook");
const name = basename(notebook, ".ipynb");

const { cells } = JSON.parse(await readFile(notebook, "utf8"));
const code = cells.filter(({ cell_type }) => cell_type === "code");
/** A cell's last line, where it is a value, is what the cell shows. */
const shown = (source) => source.replace(/\n((?:await |Deno\.jupyter)[^\n]*?);?\s*$/, "\nawait show($1);");
const script = code.map(({ source }) => shown(`\n${source.join("")}`)).join("\n");

const say = (text) => process.stdout.write(`${text}\n`);
let pictures = 0;
globalThis.show = async (value) => {
  if (typeof value === "string") return say(value);
  if (!(value instanceof Uint8Array)) return;
  const path = resolve(outputs, `${name}-${++pictures}.png`);
  await writeFile(path, value);
  say(`-> ${relative(root, path)}`);
};
globalThis.Deno = { jupyter: { image: (png) => png, md: (_, text) => text } };

await mkdir(outputs, { recursive: true });
process.chdir(dirname(notebook)); // the notebooks' paths begin in their own folder
const bundle = resolve(outputs, `${name}-${process.pid}.mjs`); // here, "erfit" is this checkout
try {
  const { code: javascript } = await transform(script, { loader: "ts", format: "esm", target: "node20" });
  await stop();
  await writeFile(bundle, javascript);
  await import(pathToFileURL(bundle).href);
} finally {
  await rm(bundle, { force: true });
}
