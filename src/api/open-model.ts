import { ErfitError } from "../core/error.ts";
import { checkedOptions } from "../tasks/check.ts";
import type { GivenOptions } from "../tasks/option.ts";
import { openModelWith, openOptions } from "../tasks/options/model.ts";
import { ModelHandle, type Model } from "./model.ts";

/** How a model is opened, and how photographs become its input. */
export interface OpenModelOptions extends GivenOptions<typeof openOptions> {}

/**
 * Opens a trained network: an ONNX file, or the folder or `model.json` of a TF.js model. Preprocessing and class names are
 * read from what lies beside it. Nothing is computed yet; each piece of work opens, and closes, what it needs.
 *
 * @param path the model's file; relative to the working directory
 * @throws ErfitError where the file is missing, damaged, or holds no network with one image input
 * @example
 * ```ts
 * import { openModel } from "erfit";
 *
 * const model = await openModel("models/vgg16-sample.onnx");
 * const layer = model.layers.find(({ name }) => name === "block5_conv3");
 * console.log(layer?.grid.height, layer?.grid.width, layer?.stride, layer?.receptiveField?.width);
 * await model.close();
 * ```
 */
export async function openModel(path: string, options: OpenModelOptions = {}): Promise<Model> {
  if (typeof path !== "string")
    throw new ErfitError("openModel: the first argument must be the model's path");
  return new ModelHandle(await openModelWith(path, checkedOptions(openOptions, options, "openModel")));
}
