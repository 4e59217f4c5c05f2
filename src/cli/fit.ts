import { ErfitError } from "../core/error.ts";
import { at } from "../core/required.ts";
import { readMapFile } from "../core/map-file.ts";
import { shapeOf } from "../erf/shape/shape.ts";
import { join, basename } from "node:path";
import { fileName, readNamed, writableFolder, writeAll } from "../io/files.ts";
import { fitFiles, recordFile, fitTaskOptions, fitted, mapName, type FittedMap } from "../tasks/fit.ts";
import { figureOptions } from "../tasks/options/figures.ts";
import { erfOutput } from "./figures.ts";
import { outOption } from "./files-options.ts";
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

/** What a share of the map's sum is in its own unit, where that is not the same. */
const scaleText = ({ mapSum }: FittedMap): readonly string[] =>
  Math.abs(mapSum - 1) < 1e-6
    ? []
    : [`The map was divided by its sum, ${mapSum.toPrecision(6)}: amplitudes are shares of it.`];

export const fitCommand = command({
  usage: "fit <map>",
  describe: "fit a Gaussian to an effective receptive field (.npy)",
  positionals: {
    map: { type: "string", demandOption: true, describe: "a map H x W (.npy), such as erf.npy" },
  },
  options: { ...fitTaskOptions, ...figureOptions, ...outOption("outputs/<folder>.<map>.fit") },
  examples: [
    ["erfit fit outputs/demo/erf.npy --json", "parameters, errors, correlations as JSON"],
    ["erfit fit outputs/demo/erf.npy --fit-model auto", "five models side by side"],
  ],
  async run({ map: path, out, ...options }, reporter) {
    const output = erfOutput(options);
    const map = readMapFile(await readNamed(path, "a map as a .npy file"), path);
    const result = fitted(map, options);
    const document = {
      ...result,
      shape: shapeOf(map, { receptiveField: null, cellCenter: options.theoreticalCenter ?? null }),
    };
    if (result.warnings.some(({ code }) => unusableMap.has(code))) {
      const message = `${path}: ${at(result.warnings, 0).message}`;
      const failure = { message, remedy: null, kind: "input", exitCode: 2 } as const;
      reporter.document({ ...document, error: failure });
      throw new Documented(message);
    }
    const folder = await writableFolder(out ?? join("outputs", fileName(`${mapName(path)}.fit`)));
    const drawn = await fitFiles(mapName(path), map, document, output).catch((thrown: unknown) => {
      if (!(thrown instanceof ErfitError) || thrown.kind === "input") throw thrown;
      reporter.info(`no figure: ${thrown.message}`); // the numbers need no drawing library
      return recordFile(document);
    });
    const files = await writeAll(folder, drawn);
    reporter.answer(
      [
        ...[outcomeText(result, map), ...scaleText(result), "", shapeText(document.shape), ""],
        `-> ${folder}: ${files.map((file) => basename(file)).join(", ")}`,
      ].join("\n"),
      { ...document, files },
    );
  },
});
