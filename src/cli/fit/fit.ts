import { fitMap } from "../../fit/fit.ts";
import { warnedOfLogarithm } from "../../fit/logarithm.ts";
import { fitChoices } from "../../fit/options.ts";
import { ErfitError } from "../../core/error.ts";
import { readMapFile } from "../../core/map-file.ts";
import { keysOf } from "../../core/required.ts";
import { shapeOf } from "../../erf/shape/shape.ts";
import { command } from "../command.ts";
import { readNamed } from "../../io/files.ts";
import { outcomeText } from "./table.ts";
import { shapeText } from "../shape-table.ts";

/** Warnings that say the map itself cannot be fitted by anyone: the user's to mend, unlike a fit that was refused. */
const unusableMap: ReadonlySet<string> = new Set([
  "NON_FINITE",
  "ZERO_MASS",
  "NEGATIVE_MASS",
  "TOO_FEW_PIXELS",
]);

const choices = keysOf(fitChoices);

export const fitModelOptions = {
  "fit-model": {
    choices,
    default: "gaussian" as const,
    describe: choices.map((name) => `${name}: ${fitChoices[name]}`).join("; "),
  },
} as const;

export const fitCommand = command({
  usage: "fit <map>",
  describe: "fit a Gaussian to an effective receptive field (.npy)",
  positionals: {
    map: { type: "string", demandOption: true, describe: "a map H x W (.npy), such as erf.npy" },
  },
  options: fitModelOptions,
  examples: [
    ["erfit fit outputs/demo/erf.npy --json", "parameters, errors, correlations as JSON"],
    ["erfit fit outputs/demo/erf.npy --fit-model auto", "five models side by side"],
  ],
  async run({ map: path, fitModel }, voice) {
    const map = readMapFile(await readNamed(path, "a map as a .npy file"), path);
    const result = warnedOfLogarithm(map, fitMap(map, { model: fitModel }));
    const document = { ...result, shape: shapeOf(map, { receptiveField: null }) };
    if (result.warnings.some(({ code }) => unusableMap.has(code))) {
      voice.document(document);
      throw new ErfitError(`${path}: ${result.warnings[0]?.message ?? ""}`);
    }
    voice.result(`${outcomeText(result, map)}\n\n${shapeText(document.shape)}`, document);
  },
});
