import { join } from "node:path";
import { calibrate, type CalibratedErf } from "../calibration/calibrate.ts";
import { writeMap } from "../math/npy.ts";
import { erfFigure } from "../report/erf-figure.ts";
import { pngOf } from "../report/png.ts";
import { command } from "./command.ts";
import { writableFolder, writeAll } from "./files.ts";
import { outcomeText } from "./fit-table.ts";
import { modelAndImages } from "./options.ts";
import { probingOptions, resultFolder } from "./probe.ts";
import { probeRunFrom, whileProbing } from "./probe-run.ts";
import { counted } from "./text.ts";

/** A calibration's files by name: the record, the map, the figure. */
export async function calibrationFiles({
  map,
  calibration,
}: CalibratedErf): Promise<Record<string, Uint8Array | string>> {
  const { svg } = await erfFigure({
    title: `${calibration.model.file}, ${calibration.layer.name}`,
    photographs: calibration.images.photographs,
    views: calibration.images.count,
    map,
    fit: calibration.fit,
    warning: calibration.warnings[0]?.message ?? null,
  });
  return {
    "calibration.json": `${JSON.stringify(calibration, null, 2)}\n`,
    "erf.npy": writeMap(map),
    "erf.svg": svg,
    "erf.png": pngOf(svg),
  };
}

export const calibrateCommand = command({
  usage: "calibrate <model> <images..>",
  describe: "probe and fit: sigma_X, sigma_Y, R² with uncertainty, as a calibration file with plots",
  positionals: modelAndImages,
  options: probingOptions,
  examples: [
    [
      "erfit calibrate models/vgg16-sample.onnx photos/ --crops 8",
      "the sample, eight views of each photograph",
    ],
    ["erfit calibrate resnet50.onnx imagenet/val --limit 1000 --layer layer4", "a module's name will do"],
  ],
  async run(given, voice) {
    const run = await probeRunFrom(given, voice);
    const folder = await writableFolder(resultFolder(given.out, run.subject.file, run.layer.name));
    const measured = await whileProbing(run, given.quiet, calibrate);
    const { calibration } = measured;
    const files = await writeAll(folder, await calibrationFiles(measured));
    voice.result(
      [
        `${calibration.model.file}  ${calibration.layer.name}  cell ${calibration.layer.cell.join(",")}  ${calibration.protocol}  ${counted(calibration.images.count, "image")}`,
        outcomeText(calibration),
        `-> ${join(folder, "calibration.json")}, erf.npy, erf.svg, erf.png`,
      ].join("\n"),
      { ...calibration, files },
    );
  },
});
