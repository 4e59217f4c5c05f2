import { z } from "zod";
import type { CalibratedErf } from "../../calibration/calibrate.ts";
import { type Calibration, calibrationSchema } from "../../calibration/schema.ts";
import { writeMap } from "../../core/npy.ts";
import { figureFiles, type FigureOutput } from "../../report/figure-files.ts";
import type { ScaleName } from "../../report/value-scale.ts";

/** How a calibration is drawn and written. */
export interface CalibrationFigures extends FigureOutput {
  /** Half-width that was to be reached, as a share of sigma. */
  readonly until: number | null;
  readonly figureScale: ScaleName;
}

/** A calibration's files by name: the record, the map, the figures. */
export async function calibrationFiles(
  { map, calibration }: CalibratedErf,
  { until, figureScale, ...output }: CalibrationFigures,
): Promise<Record<string, Uint8Array | string>> {
  // Loaded once there is something to draw: the drawing libraries take longer to load than all the rest.
  const { erfFigure, calibrationFigure } = await import("../../report/erf/figure.ts");
  const figure = calibrationFigure(map, calibration, figureScale);
  const { svg } = await erfFigure(figure, output.style);
  return {
    "calibration.json": `${JSON.stringify(calibration, null, 2)}\n`,
    "erf.npy": writeMap(map),
    ...(await figureFiles("erf", svg, output)),
    ...(await convergenceFiles(figure.title, calibration.convergence, until, output)),
  };
}

/** A plot of sigma against the number of photographs, where there is more than one point to plot. */
async function convergenceFiles(
  title: string,
  history: Calibration["convergence"],
  target: number | null,
  output: FigureOutput,
): Promise<Record<string, Uint8Array | string>> {
  if (history.length < 2 || output.style.mapOnly) return {};
  const { convergenceFigure } = await import("../../report/convergence/figure.ts");
  const { svg } = convergenceFigure({ title, history, target }, output.style);
  return figureFiles("convergence", svg, output);
}

/** What `erfit calibrate` with several layers writes beside the layers' folders: where each is, and what came of it. */
export const layersFileName = "layers.json";

export const layersFileSchema = z.object({
  format: z.literal("erfit-layers"),
  version: z.literal(1),
  model: calibrationSchema.shape.model,
  layers: z.array(
    z.object({
      folder: z.string().describe("of the layer's calibration.json, from this file's folder"),
      label: z
        .string()
        .describe("what the layer is called: the name that was asked for, its module or its tensor"),
      name: z.string().describe("the tensor's name in the model"),
      module: z.string().nullable(),
      grid: z.array(z.int()),
      theoretical: z
        .array(z.number())
        .nullable()
        .describe("[height, width] of the theoretical field, pixels"),
      sigmaX: z.number().nullable(),
      sigmaY: z.number().nullable(),
      rSquared: z.number().nullable(),
      warnings: z.array(z.string()).describe("their codes"),
    }),
  ),
});

interface ListedLayer {
  readonly folder: string;
  readonly calibration: Calibration;
}

/** The list as a file; layers in the order of the network. */
export function layersList(layers: readonly ListedLayer[]): string {
  const [first] = layers;
  const list = {
    format: "erfit-layers",
    version: 1,
    model: first?.calibration.model,
    layers: layers.map(({ folder, calibration: { layer, fit, warnings } }) => ({
      folder,
      label: layer.label,
      name: layer.name,
      module: layer.module,
      grid: layer.grid,
      theoretical: layer.receptiveField && [layer.receptiveField.height, layer.receptiveField.width],
      sigmaX: fit?.sigmaX.value ?? null,
      sigmaY: fit?.sigmaY.value ?? null,
      rSquared: fit?.rSquared ?? null,
      warnings: warnings.map(({ code }) => code),
    })),
  };
  return `${JSON.stringify(list, null, 2)}\n`;
}
