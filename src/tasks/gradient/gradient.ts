import { z } from "zod";
import { ErfitError, optionText } from "../../core/error.ts";
import { readNpy } from "../../core/npy.ts";
import { float32, sameShape, type Shape, type Tensor } from "../../core/tensor.ts";
import { listImages } from "../../input/listing.ts";
import { loadInput } from "../../input/load.ts";
import { readNamed } from "../../io/files.ts";
import { findTensor } from "../../runtime/layers.ts";
import type { Network } from "../../runtime/network.ts";
import { requireGradient } from "../../runtime/outputs.ts";
import { realArray, type RealArray } from "../arrays.ts";
import type { Context } from "../context.ts";
import { oneOf, option, text, wholeNumber, type CheckedOptions } from "../option.ts";
import { remarkImport } from "../options/images.ts";
import { cellOptions, gridOptions, remarkOutput } from "../options/layer.ts";
import type { OpenModel } from "../options/model.ts";
import { isFeatureMap, objectiveOf, type ObjectiveChoice, type ObjectivePlace } from "./objective.ts";

const weights = z.custom<RealArray | string>(
  (given) => typeof given === "string" || (typeof given === "object" && given !== null),
  "expected an array of the target's shape, or a .npy file of one",
);

export const gradientOptions = {
  target: option(text, {
    group: "layer",
    describe: "tensor (or module) that is differentiated",
    otherwise: "the class scores",
  }),
  ...cellOptions,
  index: option(wholeNumber(0), { group: "layer", describe: "element of the flattened target" }),
  of: option(oneOf(["score", "probability"]), {
    group: "layer",
    describe: "what is differentiated of an element: its score, or its probability",
    otherwise: "the element as it is",
  }),
  cotangent: option(weights, {
    group: "layer",
    describe:
      "weights of the target's elements, of its shape (.npy): the vector of the vector-Jacobian product",
  }),
  wrt: option(text, {
    group: "layer",
    describe: "tensor to differentiate with respect to",
    otherwise: "the image",
  }),
  ...gridOptions,
} as const;

type GradientOptions = CheckedOptions<typeof gradientOptions>;

/** What is differentiated: at most one of cell, token, index and cotangent. */
function choiceOf(
  { cell, token, index, cotangent, of }: GradientOptions,
  place: ObjectivePlace,
): ObjectiveChoice {
  const named = Object.entries({ cell, token, index, cotangent }).filter(([, value]) => value !== undefined);
  if (named.length > 1)
    throw new ErfitError(
      `${named.map(([name]) => optionText(name)).join(" and ")} exclude each other: give one of them`,
    );
  if (cotangent !== undefined) return { kind: "cotangent" };
  if (index !== undefined) return { kind: "element", index, of };
  if (token !== undefined) return { kind: "token", token };
  if (cell !== undefined) return { kind: "cell", cell };
  return isFeatureMap(place) ? { kind: "cell" } : { kind: "top", of };
}

export interface Differentiated {
  readonly gradient: Tensor<"float32">;
  /** Names of the tensor that was differentiated, and of the one with respect to which. */
  readonly target: string;
  readonly withRespectTo: string;
}

/**
 * The gradient of a scalar of the network for one image.
 * @param image a tensor of the input's shape (the leading 1 may be left out), or the path of a photograph or tensor
 * @throws ErfitError for a tensor, cell or element that does not exist, and for an operator without a gradient
 */
export async function differentiated(
  options: GradientOptions,
  { model, preprocessing }: OpenModel,
  image: RealArray | string,
  context: Context,
  signal?: AbortSignal,
): Promise<Differentiated> {
  const { network } = model;
  remarkImport(model, context);
  if (options.target === undefined) {
    requireGradient(network, model.file);
    remarkOutput(model, context);
  }
  const target = options.target === undefined ? network.logits : findTensor(network, options.target);
  const rule = target.name === network.logits.name ? network.probability : undefined;
  const place = { target, input: network.input, grid: options.grid, rule };
  const choice = choiceOf(options, place);
  const objective = objectiveOf(choice, place);
  const withRespectTo = wrtOf(network, options.wrt);
  const fed =
    typeof image === "string"
      ? await loaded(image, model, preprocessing)
      : arrayTensor(image, network.input.shape, "the input");
  const cotangent =
    options.cotangent === undefined
      ? undefined
      : await tensorOf(options.cotangent, target.shape, "the cotangent");
  const program = await network.differentiate({
    target: target.name,
    objective,
    ...(withRespectTo === undefined ? {} : { withRespectTo }),
  });
  try {
    signal?.throwIfAborted();
    const { gradient } = await program.run({ image: fed, ...(cotangent && { cotangent }) });
    return { gradient, target: target.name, withRespectTo: withRespectTo ?? network.input.name };
  } finally {
    await program.release();
  }
}

const wrtOf = (network: Network, name: string | undefined): string | undefined =>
  name === undefined || name === network.input.name ? undefined : findTensor(network, name).name;

async function loaded(
  path: string,
  { network }: OpenModel["model"],
  preprocessing: OpenModel["preprocessing"],
): Promise<Tensor<"float32">> {
  if (/\.npy$/i.test(path)) return tensorOf(path, network.input.shape, "the input");
  const [source, ...more] = await listImages([path]);
  if (source === undefined || more.length > 0)
    throw new ErfitError(`${path} holds ${more.length + 1} images; expected one`);
  return (await loadInput(source, preprocessing(), network.input.layout)).tensor;
}

/** An array or a .npy file of the wanted shape, as float32. */
async function tensorOf(given: RealArray | string, shape: Shape, what: string): Promise<Tensor<"float32">> {
  if (typeof given !== "string") return arrayTensor(given, shape, what);
  const { dtype, ...found } = readNpy(await readNamed(given, `${what} as a .npy file`), given);
  if (dtype !== "float32" && dtype !== "float64")
    throw new ErfitError(`${given}: ${what} must be float32 or float64, found ${dtype}`);
  return shaped(
    { shape: found.shape, data: Float32Array.from(found.data, Number) },
    shape,
    `${given}: ${what}`,
  );
}

function arrayTensor(given: RealArray, shape: Shape, what: string): Tensor<"float32"> {
  const { shape: found, data } = realArray(given, what);
  return shaped({ shape: found, data: Float32Array.from(data) }, shape, what);
}

function shaped(
  { shape: found, data }: { readonly shape: Shape; readonly data: Float32Array },
  shape: Shape,
  what: string,
): Tensor<"float32"> {
  if (!sameShape(found, shape) && !sameShape([1, ...found], shape))
    throw new ErfitError(`${what} must have shape [${shape.join(", ")}], found [${found.join(", ")}]`);
  if (!data.every(Number.isFinite)) throw new ErfitError(`${what} holds NaN or infinity`);
  return float32(shape, data);
}
