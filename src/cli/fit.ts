import { fitMap } from "../fit/fit.ts";
import { models } from "../fit/models.ts";
import { ErfitError } from "../math/error.ts";
import { readMap } from "../math/npy.ts";
import { command } from "./command.ts";
import { readNamed } from "./files.ts";
import { outcomeText } from "./fit-table.ts";
import { keysOf } from "./options.ts";

/** Warnings that say the map itself cannot be fitted by anyone: the user's to mend, unlike a fit that was refused. */
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
  options: {
    "fit-model": {
      choices: keysOf(models),
      default: "gaussian" as const,
      describe: "which surface is fitted",
    },
  },
  examples: [["erfit fit outputs/demo/erf.npy --json", "parameters, errors, correlations as JSON"]],
  async run({ map: path, fitModel }, voice) {
    const map = readMap(await readNamed(path, "a map as a .npy file"), path);
    const { fit, warnings } = fitMap(map, { model: fitModel });
    const unusable = warnings.find(({ code }) => unusableMap.has(code));
    if (unusable !== undefined) {
      voice.document({ fit, warnings });
      throw new ErfitError(`${path}: ${unusable.message}`);
    }
    voice.result(outcomeText({ fit, warnings }), { fit, warnings });
  },
});
