import { readMapFile } from "../core/map-file.ts";
import { shapeOf } from "../erf/shape/shape.ts";
import { readNamed } from "../io/files.ts";
import { fitTaskOptions, fitted } from "../tasks/fit.ts";
import { command } from "./command.ts";
import { shapeText } from "./shape-table.ts";
import { Documented } from "./reporter.ts";
import { outcomeText } from "./fit-text.ts";

/** Warnings of a map that nobody can fit: the user's to fix, unlike a fit that was refused. */
const unusableMap: ReadonlySet<string> = new Set([
  "NON_FINITE",
  "ZERO_MASS",
  "NEGATIVE_MASS",
  "TOO_FEW_PIXELS",
]);

export const fitCommand = command({
  usage: "fit <map>",
  describe: "fit a Gaussian to an effective receptive field (.npy)",
  positionals: {
    map: { type: "string", demandOption: true, describe: "a map H x W (.npy), such as erf.npy" },
  },
  options: fitTaskOptions,
  examples: [
    ["erfit fit outputs/demo/erf.npy --json", "parameters, errors, correlations as JSON"],
    ["erfit fit outputs/demo/erf.npy --fit-model auto", "five models side by side"],
  ],
  async run({ map: path, ...options }, reporter) {
    const map = readMapFile(await readNamed(path, "a map as a .npy file"), path);
    const result = fitted(map, options);
    const document = { ...result, shape: shapeOf(map, { receptiveField: null }) };
    if (result.warnings.some(({ code }) => unusableMap.has(code))) {
      const message = `${path}: ${result.warnings[0]?.message ?? ""}`;
      const failure = { message, remedy: null, kind: "input", exitCode: 2 } as const;
      reporter.document({ ...document, error: failure });
      throw new Documented(message);
    }
    reporter.answer(`${outcomeText(result, map)}\n\n${shapeText(document.shape)}`, document);
  },
});
