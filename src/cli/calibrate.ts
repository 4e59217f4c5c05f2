import { basename } from "node:path";
import { calibrate, type CalibratedErf } from "../calibration/calibrate.ts";
import { ErfitError } from "../math/error.ts";
import { keysOf } from "../math/records.ts";
import { writeMap } from "../math/npy.ts";
import type { Calibration } from "../calibration/schema.ts";
import { convergenceFigure } from "../report/convergence-figure.ts";
import { erfFigure } from "../report/erf-figure.ts";
import { pngOf } from "../report/png.ts";
import { scales, type ScaleName } from "../report/value-scale.ts";
import { command } from "./command.ts";
import { removeFile, writableFolder, writeAll } from "./files.ts";
import { fitModelOptions } from "./fit.ts";
import { outcomeText } from "./fit-table.ts";
import { modelAndImages, shareFrom } from "./options.ts";
import { probingOptions, resultFolder } from "./probe.ts";
import { probeRunFrom, whileKeeping } from "./probe-run.ts";
import { shapeText } from "./shape-table.ts";
import { shardFrom } from "./shard-option.ts";
import { runShard } from "./shard-run.ts";
import { statePath } from "./state-keeper.ts";
import { counted } from "./text.ts";
import type { Voice } from "./voice.ts";

interface FigureChoices {
  /** Half-width that was to be reached, as a share of sigma. */
  readonly until: number | null;
  readonly figureScale: ScaleName;
}

/** A calibration's files by name: the record, the map, the figure. */
export async function calibrationFiles(
  { map, calibration }: CalibratedErf,
  { until = null, figureScale = "linear" }: Partial<FigureChoices> = {},
): Promise<Record<string, Uint8Array | string>> {
  const title = `${calibration.model.file}, ${calibration.layer.name}`;
  const { svg } = await erfFigure({
    title,
    photographs: calibration.images.photographs,
    views: calibration.images.count,
    map,
    fit: calibration.fit,
    field: calibration.layer.receptiveField,
    scale: figureScale,
    warning: calibration.warnings[0]?.message ?? null,
  });
  return {
    "calibration.json": `${JSON.stringify(calibration, null, 2)}\n`,
    "erf.npy": writeMap(map),
    "erf.svg": svg,
    "erf.png": pngOf(svg),
    ...convergenceFiles(title, calibration.convergence, until),
  };
}

/** A plot of sigma against the number of photographs, where there is more than one point to plot. */
function convergenceFiles(
  title: string,
  history: Calibration["convergence"],
  target: number | null,
): Record<string, Uint8Array | string> {
  if (history.length < 2) return {};
  const { svg } = convergenceFigure({ title, history, target });
  return { "convergence.svg": svg, "convergence.png": pngOf(svg) };
}

const scaleNames = keysOf(scales);

export const figureOptions = {
  "figure-scale": {
    choices: scaleNames,
    default: "linear" as const,
    describe: "how values become colours in figures: in proportion, as square root (power), or logarithm",
  },
} as const;

export const calibrateCommand = command({
  usage: "calibrate <model> <images..>",
  describe: "probe and fit: sigma_X, sigma_Y, R² with uncertainty, as a calibration file with plots",
  positionals: modelAndImages,
  options: {
    ...probingOptions,
    ...fitModelOptions,
    ...figureOptions,
    until: {
      type: "string",
      describe:
        "stop once both sigmas' 95 % half-widths are below this share: 1%; takes the images in random order (--shuffle 0)",
    },
  },
  examples: [
    [
      "erfit calibrate models/vgg16-sample.onnx photos/ --crops 8",
      "the sample, eight views of each photograph",
    ],
    ["erfit calibrate resnet50.onnx imagenet/val --limit 1000 --layer layer4", "a module's name will do"],
    ["erfit calibrate net.onnx imagenet/val --until 1%", "as many photographs as sigma needs"],
    ["erfit calibrate net.onnx imagenet/val --fit-model auto", "other models beside the paper's"],
  ],
  async run(given, voice) {
    const shard = shardFrom(given, voice);
    const until = given.until === undefined ? undefined : shareFrom("until", given.until);
    if (until !== undefined && shard !== null)
      throw new ErfitError("--until cannot be told from a shard, which sees a part of the photographs", {
        remedy: "say how many images with --limit, or leave out --shard",
      });
    // The first photographs of a folder that is ordered by class say nothing of the others.
    const shuffle = given.shuffle ?? (until === undefined ? undefined : 0);
    const run = await probeRunFrom({ ...given, shuffle }, voice);
    const folder = await writableFolder(resultFolder(given.out, run.subject.file, run.layer.name));
    if (shard !== null) return runShard({ ...given, run: { ...run, shard }, folder }, voice);
    const measured = await whileKeeping({ ...given, run, folder }, voice, (followed) =>
      calibrate(followed, { model: given.fitModel, until }),
    );
    const files = await writeAll(
      folder,
      await calibrationFiles(measured, { until: until ?? null, figureScale: given.figureScale }),
    );
    await removeFile(statePath(folder, null));
    sayCalibration(measured, folder, files, voice);
  },
});

/** The result of `erfit calibrate`, and of `erfit merge`. */
export function sayCalibration(
  { map, calibration }: CalibratedErf,
  folder: string,
  files: readonly string[],
  voice: Voice,
): void {
  const { model, layer, protocol, images } = calibration;
  voice.result(
    [
      `${model.file}  ${layer.name}  cell ${layer.cell.join(",")}  ${protocol}  ${counted(images.count, "image")}`,
      outcomeText(calibration, map, images),
      "",
      shapeText(calibration.shape),
      "",
      `-> ${folder}: ${files.map((path) => basename(path)).join(", ")}`,
    ].join("\n"),
    { ...calibration, files },
  );
}
