import * as tf from "@tensorflow/tfjs-core";
import { ErfitError } from "../../core/error.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { DeclaredInput } from "./model/program.ts";
import { toTfjs } from "./pull-back.ts";

/** The presets for normalized pixels stay below this; bytes do not, unless the photograph is black. */
const normalized = 4;

/**
 * The image as the model takes it. Where it takes whole numbers, pixels are rounded to them.
 * @throws ErfitError where whole numbers are wanted and the pixels were normalized
 */
export function imageTensor(
  { name, integer }: DeclaredInput,
  image: Tensor<"float32">,
  file: string,
): tf.Tensor {
  if (!integer) return toTfjs(image);
  const { shape, data } = image;
  if (data.every((value) => Math.abs(value) < normalized) && !data.every(Number.isInteger))
    throw new ErfitError(
      `${file}: input "${name}" takes whole numbers, pixels from 0 to 255; the image holds fractions between -${normalized} and ${normalized}, so it was normalized`,
      { remedy: "prepare images with the preset raw" },
    );
  return tf.tensor(Int32Array.from(data, Math.round), [...shape], "int32");
}
