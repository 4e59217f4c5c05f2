import { join } from "node:path";
import { fileName } from "../io/files.ts";
import { flag, option, text } from "../tasks/option.ts";

/** Options that only a terminal has: where the files of a result go. The library's caller writes its own. */

export const outOption = (otherwise: string, describe = "folder for the results") =>
  ({ out: option(text, { group: "output", describe, otherwise }) }) as const;

export const outWithDefault = (folder: string) =>
  ({ out: option(text, { group: "output", default: folder, describe: "folder for the results" }) }) as const;

export const restartOption = {
  restart: option(flag, {
    group: "output",
    default: false,
    describe: "start over in a folder where a run was interrupted, instead of resuming it",
  }),
} as const;

export const verboseOption = {
  verbose: option(flag, {
    group: "output",
    default: false,
    describe:
      "print also center, amplitude, correlations, both R² and the shape of the map; calibration.json has them all",
  }),
} as const;

/** The folder that results of several runs share by default, each under a name of its own. */
export const outputs = "outputs";

/** Where results of a model's layer go by default: a folder, or a file. Other runs have others, so that none are mixed. */
export const resultFolder = (out: string | undefined, model: string, layer: string): string =>
  out ?? join(outputs, fileName(`${model.replace(/([/\\]model)?\.(onnx|json)$/i, "")}.${layer}`));
