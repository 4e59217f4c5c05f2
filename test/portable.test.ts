import { fileURLToPath } from "node:url";
import { build, type BuildOptions } from "esbuild";
import { glob } from "tinyglobby";
import { describe, expect, it } from "vitest";

/** Parts of erfit that run wherever JavaScript does; what they need of a machine is passed in. */
const portable = ["core", "graph", "onnx", "autodiff", "erf", "fit", "cam"];

const root = fileURLToPath(new URL("..", import.meta.url));

/** Bundles for the browser: nothing may stay outside, and Node's own modules are not there. */
const bundle = (options: BuildOptions) =>
  build({
    absWorkingDir: root,
    bundle: true,
    write: false,
    outdir: "bundle",
    platform: "browser",
    format: "esm",
    logLevel: "silent",
    ...options,
  });

/** The same for a file of the given text in a folder of `src/`. */
const bundleText = (contents: string, options: BuildOptions = {}) =>
  bundle({ stdin: { contents, resolveDir: `${root}/src/erf`, loader: "ts" }, ...options });

/** Globals of Node that a browser has not. Uses of them are renamed, so that they show in the output. */
const nodeGlobals = ["process", "Buffer", "require", "__dirname", "__filename", "setImmediate"];
const marked = Object.fromEntries(nodeGlobals.map((name) => [name, `node_global_${name}`]));

const globalsIn = (files: readonly { readonly text: string }[] | undefined): string[] => [
  ...new Set((files ?? []).flatMap(({ text }) => text.match(/node_global_\w+/g) ?? [])),
];

describe("the core runs in a browser", () => {
  it.each(portable)("every file of src/%s bundles, with all that it imports", async (folder) => {
    const entryPoints = await glob(`src/${folder}/**/*.ts`, { cwd: root });
    expect(entryPoints.length).toBeGreaterThan(0);
    const { outputFiles } = await bundle({ entryPoints });
    expect(outputFiles).toHaveLength(entryPoints.length);
  });

  it("and uses no global of Node", async () => {
    const entryPoints = await glob(`src/{${portable.join(",")}}/**/*.ts`, { cwd: root });
    const { outputFiles } = await bundle({ entryPoints, packages: "external", define: marked });
    expect(globalsIn(outputFiles)).toEqual([]);
  });
});

describe("this test", () => {
  it.each([
    [`import "node:fs"`, /node:fs/],
    [`import { readFile } from "fs/promises"; readFile("x")`, /fs\/promises/],
    [`export { runOnce } from "../engine/onnxruntime.ts"`, /node|Could not resolve/],
    [`export { decodeImage } from "../image/decode.ts"`, /node|Could not resolve/],
  ])("rejects %s", async (text, reason) => {
    await expect(bundleText(text)).rejects.toThrow(reason);
  });

  it("sees a global of Node, and no variable of that name", async () => {
    const { outputFiles } = await bundleText(
      `export const n = Buffer.from("x"); export const f = (process: number) => process;`,
      {
        define: marked,
      },
    );
    expect(globalsIn(outputFiles)).toEqual(["node_global_Buffer"]);
  });
});
