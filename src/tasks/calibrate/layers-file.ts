import { z } from "zod";
import { calibrationSchema, type Calibration } from "../../calibration/schema.ts";

/** What `erfit calibrate` with several layers writes beside the layers' folders: where each is, and what came of it. */
export const layersFileName = "layers.json";

export const layersFileSchema = z.object({
  format: z.literal("erfit-layers"),
  version: z.literal(1),
  model: calibrationSchema.shape.model,
  layers: z.array(
    z.object({
      folder: z.string().describe("of the layer's calibration.json, from this file's folder"),
      name: z.string(),
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
