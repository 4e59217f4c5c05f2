import { fileURLToPath, pathToFileURL } from "node:url";
import { defineConfig, type Plugin } from "vitest/config";

/** Of the command and of the library's functions: with files of their own, in part with what is built. */
const commandLine = ["test/cli/**/*.test.ts", "test/api/**/*.test.ts"];

/** Signals, locks, disks that are full or forbidden, names that do harm, bits that stay: runs that are ended, and wait. */
const reliability = ["bits", "interrupted", "lock", "disk", "names"].map(
  (name) => `test/cli/${name}.test.ts`,
);

/** Four trained networks over 125 photographs, and ten CAM methods: minutes, and only where the reference data is. */
const reference = ["test/calibration/reference-erfs.test.ts", "test/cam/reference.test.ts"];

/** The sample over 173 photographs, twelve maps and the controls of each: five minutes, and only where the reference data is. */
const referenceEvaluation = "test/evaluate/reference-evaluation.test.ts";

/** TF.js on every backend that is there; VGG-16 on each of them takes a minute. */
const tfjs = "test/runtime/tfjs/**/*.test.ts";
const tfjsCommand = "test/cli/tfjs.test.ts";
const tfjsVgg16 = "test/runtime/tfjs/erf/vgg16.test.ts";

/** Every code block of the documentation and every example of the library, with what is built, and the numbers that pages state: five minutes. */
const documentation = ["test/docs/**/*.test.ts", "test/api/built/examples.test.ts"];

/** The sources find what is beside them (session workers, the report's page) where it is built, for threads load no TypeScript. */
const builtFiles: Plugin = {
  name: "built files beside the sources",
  transform(code, id) {
    const [, path] = /[/]src[/](.*)[.]ts$/.exec(id) ?? [];
    if (path === undefined || !code.includes("import.meta.url")) return undefined;
    const built = pathToFileURL(fileURLToPath(new URL(`dist/${path}.js`, import.meta.url))).href;
    return { code: code.replaceAll("import.meta.url", JSON.stringify(built)), map: null };
  },
};

export default defineConfig({
  test: {
    testTimeout: 300_000,
    hookTimeout: 120_000,
    // The page's script runs in a browser, and its tests with it; commands run in processes of their own, which count nothing.
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      exclude: ["src/report/page/script/**"],
      reporter: ["text-summary", "text"],
    },
    projects: [
      {
        extends: true,
        test: {
          name: "modules",
          isolate: false, // small functions without state: the modules are loaded once
          include: ["test/**/*.test.ts"],
          exclude: [...commandLine, ...documentation, ...reference, referenceEvaluation, tfjsVgg16],
        },
      },
      {
        extends: true,
        plugins: [builtFiles],
        // After the others, and two files at a time: each is in a process of its own, for commands write to its standard output.
        test: {
          name: "command line",
          disableConsoleIntercept: true,
          include: commandLine,
          exclude: [...reliability, ...documentation, tfjsCommand],
          globalSetup: "test/build.ts",
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "documentation",
          include: documentation,
          globalSetup: "test/build.ts",
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        plugins: [builtFiles],
        test: {
          name: "reliability",
          disableConsoleIntercept: true,
          include: reliability,
          globalSetup: "test/build.ts",
          maxWorkers: 2,
        },
      },
      { extends: true, test: { name: "reference", include: reference } },
      {
        extends: true,
        test: { name: "reference evaluation", include: [referenceEvaluation], globalSetup: "test/build.ts" },
      },
      {
        extends: true,
        plugins: [builtFiles],
        test: {
          name: "TF.js",
          disableConsoleIntercept: true,
          include: [tfjs, tfjsCommand],
          globalSetup: "test/build.ts",
        },
      },
    ],
  },
});
