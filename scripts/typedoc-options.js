import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL, URL } from "node:url";
import { build } from "esbuild";
import { Comment, Converter, ReflectionKind } from "typedoc";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The option tables by the interfaces that the library makes of them. */
const tables = `
export { openOptions as OpenModelOptions } from "./src/tasks/options/model.ts";
export { probeOptions as ProbeOptions, calibrateOptions as CalibrateOptions } from "./src/tasks/probe/probe.ts";
export { camOptions as CamOptions } from "./src/tasks/cam/cam.ts";
export { evaluateOptions as EvaluateOptions } from "./src/tasks/evaluate/evaluate.ts";
export { gradientOptions as GradientOptions } from "./src/tasks/gradient/gradient.ts";
export { upsampleOptions as UpsampleOptions } from "./src/api/upsample.ts";
export { fitTaskOptions as FitGaussianOptions } from "./src/tasks/fit.ts";
export { exportCamOptions as ExportCamOptions } from "./src/tasks/export/cam.ts";
export { exportErfOptions as ExportErfOptions } from "./src/tasks/export/erf.ts";
export { compareOptions as CompareOptions } from "./src/tasks/compare.ts";
export { mergeOptions as MergeOptions } from "./src/tasks/merge.ts";
export { inLibrary } from "./src/core/error.ts";
export { optionGroups } from "./src/tasks/option.ts";
`;

/** The tables as the sources have them now: no build is needed, and none can be stale. */
async function optionTables() {
  const folder = join(root, "bench/.cache");
  const bundle = join(folder, `option-tables-${process.pid}.js`);
  await mkdir(folder, { recursive: true });
  try {
    await build({
      stdin: { contents: tables, resolveDir: root, loader: "ts" },
      outfile: bundle,
      bundle: true,
      packages: "external",
      platform: "node",
      format: "esm",
      logLevel: "warning",
    });
    return await import(pathToFileURL(bundle).href);
  } finally {
    await rm(bundle, { force: true });
  }
}

/** A value as a program writes it; of a choice of names, the name. */
const code = (value) => `\`${JSON.stringify(value)}\``;

/** An option in the reference: its phrase, and its default or what happens without it. */
function described({ describe, default: value, otherwise }, inLibrary) {
  const without = value === undefined ? otherwise : code(value);
  return inLibrary(without === undefined ? `${describe}.` : `${describe}. Default: ${without}.`);
}

/** The keys of a table in the order in which help shows them. */
const inHelpOrder = (table, groups) =>
  Object.keys(groups).flatMap((group) => Object.keys(table).filter((key) => table[key].group === group));

/**
 * Describes the options of the library's functions by the tables that they are made of: their types are inferred, and TypeDoc
 * sees no comment on them. They stand in the order of the command line's help, before what a program alone can give.
 * @param {import("typedoc").Application} app
 */
export async function load(app) {
  const { inLibrary, optionGroups, ...found } = await optionTables();
  const interfaces = ({ project }) =>
    Object.entries(found).map(([name, table]) => {
      const model = project.getReflectionsByKind(ReflectionKind.Interface).find((one) => one.name === name);
      if (model === undefined) throw new Error(`the library exports no interface ${name}`);
      return { model, table };
    });

  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    for (const { model, table } of interfaces(context)) {
      delete model.extendedTypes; // names that the library does not export
      for (const [key, option] of Object.entries(table)) {
        const property = model.getChildByName([key]);
        if (property === undefined) throw new Error(`${model.name} has no option ${key}`);
        property.comment = new Comment([{ kind: "text", text: described(option, inLibrary) }]);
      }
    }
  });

  const last = -10_000;
  app.converter.on(
    Converter.EVENT_RESOLVE_END,
    (context) => {
      for (const { model, table } of interfaces(context)) {
        const order = inHelpOrder(table, optionGroups);
        const place = ({ name }) => (order.includes(name) ? order.indexOf(name) : order.length);
        for (const { children } of [model, ...model.groups]) children.sort((a, b) => place(a) - place(b));
      }
    },
    last,
  );
}
