import type { Calibration } from "../../calibration/schema.ts";
import { overPhotographs, withUncertainty } from "../../report/text.ts";
import { short, table } from "../text.ts";

const sigma = (fit: Calibration["fit"], name: "sigmaX" | "sigmaY"): string =>
  fit === null ? "-" : withUncertainty(fit[name].value, overPhotographs(fit, fit[name]));

const field = ({ receptiveField }: Calibration["layer"]): string =>
  receptiveField === null ? "?" : `${short(receptiveField.width)} x ${short(receptiveField.height)}`;

/** A line for each layer: sigma in pixels with its 95 % interval over photographs, beside the theoretical field. */
export const layersTable = (calibrations: readonly Calibration[]): string =>
  table(
    [
      ["layer", "grid", "theoretical", "sigma_X px", "sigma_Y px", "R²", "warnings"],
      ...calibrations.map(({ layer, fit, warnings }) => [
        layer.name,
        layer.grid.join("x"),
        field(layer),
        sigma(fit, "sigmaX"),
        sigma(fit, "sigmaY"),
        fit === null ? "-" : fit.rSquared.toFixed(3),
        warnings.map(({ code }) => code).join(" "),
      ]),
    ],
    [1, 2, 3, 4, 5],
  );
