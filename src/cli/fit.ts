import { readFile } from "node:fs/promises";
import { fitMap } from "../fit/fit.ts";
import { models } from "../fit/models.ts";
import { ErfitError, messageOf } from "../math/error.ts";
import { readMap } from "../math/npy.ts";
import { command } from "./command.ts";
import { outcomeText } from "./fit-table.ts";
import { keysOf } from "./options.ts";

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
    const bytes = await readFile(path).catch((thrown: unknown) => {
      throw new ErfitError(`${path}: cannot be read (${messageOf(thrown)})`, {
        remedy: "give a map as a .npy file",
      });
    });
    const outcome = fitMap(readMap(bytes, path), { model: fitModel });
    voice.result(outcomeText(outcome), { fit: outcome.fit, warnings: outcome.warnings });
  },
});
