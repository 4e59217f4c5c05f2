#!/usr/bin/env node
/**
 * node bench/run.js <script.ts> [arguments]: runs a TypeScript file on every Node version that erfit supports. esbuild
 * bundles the script, packages stay outside, and the bundle lies in the checkout, as deep as src/'s files, so that what they
 * read resolves as it does for those.
 * Scripts run in the repository's root, whatever the folder of the call: their paths begin there.
 */
import { mkdir, rm } from "node:fs/promises";
import { basename, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL, URL } from "node:url";
import { build, stop } from "esbuild";

const [script, ...options] = process.argv.slice(2);
if (script === undefined) {
  process.stderr.write("usage: node bench/run.js <script.ts> [arguments]\n");
  process.exit(2);
}

const source = resolve(script);
process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const folder = resolve("bench/.cache");
const bundle = resolve(folder, `${basename(script, ".ts")}-${process.pid}.js`);
await mkdir(folder, { recursive: true });
try {
  await build({
    entryPoints: [source],
    outfile: bundle,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: "inline",
    logLevel: "warning",
  });
  await stop();
  process.setSourceMapsEnabled(true);
  process.argv = [process.execPath, source, ...options];
  await import(pathToFileURL(bundle).href);
} finally {
  await rm(bundle, { force: true });
}
