import { basename } from "node:path";
import { calibrate, type CalibratedErf } from "../../calibration/calibrate.ts";
import { ErfitError } from "../../core/error.ts";
import { calibrateLayers, layerShards } from "./layers.ts";
import { calibrationFiles, figureOptions } from "./files.ts";
import { command } from "../command.ts";
import { removeFile, writableFolder, writeAll } from "../../io/files.ts";
import { fitModelOptions } from "../fit/fit.ts";
import { outcomeText } from "../fit/table.ts";
import { modelAndImages, shareFrom } from "../options.ts";
import { preview } from "../preview.ts";
import { probingOptions, resultFolder } from "../probe/probe.ts";
import { probeRunsFrom, whileKeeping } from "../probe/run.ts";
import { shapeText } from "../shape-table.ts";
import { shardFrom } from "../probe/shard-option.ts";
import { runShard } from "../probe/shard-run.ts";
import { statePath } from "../probe/state-keeper.ts";
import { counted } from "../text.ts";
import type { Voice } from "../voice.ts";

export const calibrateCommand = command({
  usage: "calibrate <model> <images..>",
  describe: "probe and fit: sigma_X, sigma_Y, R² with uncertainty, as a calibration file with plots",
  positionals: modelAndImages,
  options: {
    ...probingOptions,
    layer: {
      ...probingOptions.layer,
      describe:
        "feature map, by tensor or module name; several: a,b,c, or all [the sidecar's, else the last]",
    },
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
    ["erfit calibrate resnet50.onnx imagenet/val --layer layer1,layer2,layer3", "several: a folder for each"],
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
    const runs = await probeRunsFrom({ ...given, shuffle }, voice);
    const [run] = runs;
    const options = { model: given.fitModel, until };
    if (run === undefined || runs.length > 1)
      return shard === null
        ? calibrateLayers(runs, options, given, voice)
        : layerShards(
            runs.map((one) => ({ ...one, shard })),
            given,
            voice,
          );
    const folder = await writableFolder(resultFolder(given.out, run.model.file, run.layer.name));
    if (shard !== null) return runShard({ ...given, run: { ...run, shard }, folder }, voice);
    const measured = await whileKeeping({ ...given, run, folder }, voice, (followed) =>
      calibrate(followed, options),
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
  voice.picture((terminal) => preview(map, terminal));
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
