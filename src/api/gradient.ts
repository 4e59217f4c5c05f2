import ndarray, { type NdArray } from "ndarray";
import { z } from "zod";
import { findTensor } from "../runtime/layers.ts";
import type { Network, TensorInfo } from "../runtime/network.ts";
import { requireGradient } from "../runtime/outputs.ts";
import { listImages } from "../input/listing.ts";
import { loadInput } from "../input/load.ts";
import { ErfitError } from "../core/error.ts";
import { float32, sameShape, type Shape, type Tensor } from "../core/tensor.ts";
import { realArray, type RealArray } from "./arrays.ts";
import { checked, type OptionChecks } from "./check.ts";
import { cellCheck, layerChecks, type LayerOptions } from "./layer-options.ts";
import { requireModel, type Model, type ModelHandle } from "./model.ts";
import { isFeatureMap, objectiveOf, type ObjectiveChoice } from "./objective.ts";
import { signalCheck, type Abortable } from "./signal.ts";

/** What is differentiated, and with respect to what. */
export interface GradientOptions extends Pick<LayerOptions, "grid">, Abortable {
  /** Tensor, by its name or its exporter's module, that is differentiated; by default the scores of the classes. */
  readonly target?: string | undefined;
  /** Which scalar of it. By default of a feature map the mean over the channels at the central cell, else the largest element. */
  readonly objective?: GradientObjective | undefined;
  /** Tensor to differentiate with respect to; by default the image. */
  readonly wrt?: string | undefined;
}

/** The scalar that is differentiated. */
export type GradientObjective =
  | Exclude<ObjectiveChoice, { kind: "cotangent" }>
  /** A weighted sum of all elements of the target, by weights of its shape: the vector-Jacobian product. */
  | { readonly kind: "cotangent"; readonly weights: RealArray };

const index = z.int().min(0);
const of = z.enum(["score", "probability"]).optional();

const checks: OptionChecks<GradientOptions> = {
  grid: layerChecks.grid,
  ...signalCheck,
  target: z.string().optional(),
  objective: z
    .discriminatedUnion(
      "kind",
      [
        z.strictObject({ kind: z.literal("cell"), cell: cellCheck.optional() }),
        z.strictObject({ kind: z.literal("token"), token: index }),
        z.strictObject({ kind: z.literal("element"), index, of }),
        z.strictObject({ kind: z.literal("top"), of }),
        z.strictObject({ kind: z.literal("cotangent"), weights: z.custom<RealArray>() }),
      ],
      "expected { kind: cell, token, element, top or cotangent }",
    )
    .optional(),
  wrt: z.string().optional(),
};

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
 *   objective: { kind: "element", index: 3, of: "probability" },
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
  const { signal, wrt, target: named, grid, objective } = checked("gradient", checks, options);
  signal?.throwIfAborted();
  const { network } = handle.subject;
  if (named === undefined) requireGradient(network, handle.file);
  const target = named === undefined ? network.logits : findTensor(network, named);
  const rule = target.name === network.logits.name ? network.probability : undefined;
  const place = { target, input: network.input, grid, rule, option: (name: string) => name };
  const choice = objective ?? { kind: isFeatureMap(place) ? "cell" : "top" };
  const cotangent =
    choice.kind === "cotangent" ? tensorOf(choice.weights, target.shape, "gradient: the weights") : undefined;
  const image = await imageOf(handle, input);
  const program = await network.differentiate({
    target: target.name,
    objective: objectiveOf(choice, place),
    ...wrtOf(network, wrt),
  });
  try {
    signal?.throwIfAborted();
    const found = await program.run({ image, ...(cotangent && { cotangent }) });
    return ndarray(found.gradient.data, [...found.gradient.shape]);
  } finally {
    await program.release();
  }
}

function wrtOf(network: Network, name: string | undefined): { readonly withRespectTo?: TensorInfo["name"] } {
  if (name === undefined || name === network.input.name) return {};
  return { withRespectTo: findTensor(network, name).name };
}

/** The network's input: what was given, or what its path names. */
async function imageOf(
  { subject: { network }, preprocessing }: ModelHandle,
  input: RealArray | string,
): Promise<Tensor<"float32">> {
  if (typeof input !== "string") return tensorOf(input, network.input.shape, "gradient: the input");
  const [source, ...more] = await listImages([input]);
  if (source === undefined || more.length > 0)
    throw new ErfitError(`gradient: ${input} holds ${more.length + 1} images; expected one`);
  return (await loadInput(source, preprocessing, network.input.layout)).tensor;
}

/** An array of the wanted shape, as float32. */
function tensorOf(given: RealArray, shape: Shape, what: string): Tensor<"float32"> {
  const found = realArray(given, what);
  if (!sameShape(found.shape, shape) && !sameShape([1, ...found.shape], shape))
    throw new ErfitError(`${what} must have shape [${shape.join(", ")}], found [${found.shape.join(", ")}]`);
  if (!found.data.every(Number.isFinite)) throw new ErfitError(`${what} holds NaN or infinity`);
  return float32(shape, Float32Array.from(found.data));
}
