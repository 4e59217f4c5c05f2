import type { CalibratedErf } from "../../calibration/calibrate.ts";
import { outcomeText, summaryText } from "../fit-text.ts";
import { shapeText } from "../shape-table.ts";
import { viewsOfPhotographs } from "../text.ts";

/** A calibration for people: sigma, R² and warnings; everything where that is asked for. */
export function calibrationText({ map, calibration }: CalibratedErf, verbose: boolean): string {
  const { model, layer, protocol, images } = calibration;
  const views = viewsOfPhotographs(images.views, images.photographs);
  return [
    `${model.file}, ${layer.label}, cell ${layer.cell.join(",")}, ${protocol}: ${views}`,
    ...(verbose
      ? [outcomeText(calibration, map, images), "", shapeText(calibration.shape), ""]
      : [summaryText(calibration)]),
  ].join("\n");
}
