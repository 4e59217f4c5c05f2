import { classifier, type LoadedModel } from "../../calibration/loaded-model.ts";
import type { Gaussian } from "../../cam/upsamplers.ts";
import type { Warning } from "../../fit/result.ts";
import type { ImageSource } from "../../input/listing.ts";
import type { Layer } from "../../runtime/layers.ts";
import type { Context } from "../context.ts";
import type { CheckedOptions } from "../option.ts";
import { gaussianOf, type gaussianOptions } from "./gaussian.ts";
import { chosenImages, remarkImport, type imageOptions } from "./images.ts";
import { camLayerOf, remarkClassNames, remarkOutput, remarkProbability, type layerOptions } from "./layer.ts";
import type { scoreOptions } from "./methods.ts";
import type { OpenModel } from "./model.ts";

/** What maps are drawn of: the images, the model as a classifier, the layer, and the Gaussian where its sigma is known. */
export interface Explained {
  readonly sources: readonly ImageSource[];
  readonly model: LoadedModel;
  readonly layer: Layer;
  readonly gaussian: Gaussian | undefined;
  /** What to know of a calibration before its sigma is used here. */
  readonly warnings: readonly Warning[];
}

/** @throws ErfitError where the layer or the images are not there, or the calibration is of another model, layer or preprocessing */
export async function explainedBy(
  options: CheckedOptions<
    typeof imageOptions &
      typeof layerOptions &
      typeof gaussianOptions &
      Pick<typeof scoreOptions, "scoreFrom">
  >,
  { model: loaded, preprocessing }: OpenModel,
  images: readonly string[],
  context: Context,
): Promise<Explained> {
  const sources = await chosenImages(images, options);
  const model = classifier(loaded, options.scoreFrom);
  remarkImport(model, context);
  remarkOutput(model, context);
  remarkProbability(model, context);
  remarkClassNames(model, context);
  const layer = camLayerOf(model, options, context);
  return { sources, model, layer, ...(await gaussianOf(options, { model, preprocessing }, layer)) };
}
