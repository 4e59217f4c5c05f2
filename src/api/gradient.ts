import ndarray, { type NdArray } from "ndarray";
import type { RealArray } from "../tasks/arrays.ts";
import { differentiated, gradientOptions } from "../tasks/gradient/gradient.ts";
import type { GivenOptions } from "../tasks/option.ts";
import { optionsOf, silent, type Abortable } from "./call.ts";
import { requireModel, type Model } from "./model.ts";

/** What is differentiated, and with respect to what. */
export interface GradientOptions extends GivenOptions<typeof gradientOptions>, Abortable {}

/**
 * The gradient of a scalar of the network, for one image: of a class's score, of a cell of a feature map, or of any weighted sum
 * of a tensor (the raw vector-Jacobian product). Exact reverse mode; at a kink the sub-gradient is PyTorch's.
 *
 * @param input an image as the network takes it, `[1, 3, H, W]` or `[1, H, W, 3]` (the leading 1 may be left out), or the path of
 * a photograph, which goes through the model's preprocessing, or of a ready tensor (`.npy`)
 * @returns the gradient, of the shape of what it is taken with respect to, in units of the scalar by unit of that tensor
 * @throws ErfitError for wrong arguments, a tensor, cell or element that is not there, an operator without a gradient
 * @example
 * ```ts
 * import { gradient, openModel } from "erfit";
 *
 * const model = await openModel("models/vgg16-sample.onnx");
 * const saliency = await gradient(model, "photos/cat.jpg"); // of the predicted class's score, by the image
 * console.log(saliency.shape); // [ 1, 3, 224, 224 ]
 * const features = await gradient(model, "photos/cat.jpg", {
 *   index: 3,
 *   of: "probability",
 *   wrt: "block5_conv3",
 * });
 * console.log(features.shape); // [ 1, 512, 14, 14 ]
 * await model.close();
 * ```
 */
export async function gradient(
  model: Model,
  input: RealArray | string,
  options: GradientOptions = {},
): Promise<NdArray<Float32Array>> {
  const handle = requireModel("gradient", model);
  const given = optionsOf<typeof gradientOptions, Abortable>("gradient", gradientOptions, options, [
    "signal",
  ]);
  const { signal } = given.own;
  signal?.throwIfAborted();
  const { gradient: found } = await differentiated(given.options, handle.opened, input, silent, signal);
  return ndarray(found.data, [...found.shape]);
}
