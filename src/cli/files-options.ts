import { join } from "node:path";
import { keysOf } from "../core/required.ts";
import { fileName } from "../io/files.ts";
import { scales } from "../report/value-scale.ts";
import { flag, oneOf, option, text } from "../tasks/option.ts";

/** Options that only a terminal has: where the files of a result go. The library's caller writes its own. */

export const outOption = (otherwise: string) =>
  ({ out: option(text, { group: "output", describe: "folder for the results", otherwise }) }) as const;

export const outWithDefault = (folder: string, describe = "folder for the results") =>
  ({ out: option(text, { group: "output", default: folder, describe }) }) as const;

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

export const figureOptions = {
  figureScale: option(oneOf(keysOf(scales)), {
    group: "output",
    default: "linear",
    describe: "how values become colors in figures: in proportion, as square root (power), or logarithm",
  }),
} as const;

/** Where results of a model's layer go by default. */
export const resultFolder = (out: string | undefined, model: string, layer: string): string =>
  out ?? join("outputs", fileName(`${model.replace(/([/\\]model)?\.(onnx|json)$/i, "")}.${layer}`));
