import * as tf from "@tensorflow/tfjs-core";
import { ErfitError, listed } from "../../core/error.ts";
import { float32, type Shape, type Tensor } from "../../core/tensor.ts";
import { nonFiniteConstants } from "../../onnx/non-finite.ts";
import { requireDetermined } from "../fed-tensor.ts";
import type { BackendName } from "./backend-names.ts";
import type { Program, Weight, DeclaredInput } from "./model/program.ts";
import { toTfjs } from "./pull-back.ts";

/** An opened model, with what its runs need to know. */
export interface TfjsModel {
  /** Path, for messages. */
  readonly file: string;
  readonly program: Program;
  readonly backend: BackendName;
  /** Whether a weight holds NaN or +∞, which no trained one does. */
  readonly isBroken: (weight: Weight) => boolean;
  /** The image as the model takes it. */
  readonly feed: (image: Tensor<"float32">) => tf.Tensor;
  /** @throws ErfitError where no tensor of numbers has that name */
  readonly shapeOf: (tensor: string) => Shape;
}

/** Looks at each weight when it is first needed. -∞ alone is no fault: masks and the padding of pools hold it. */
export function checkedOnce(): TfjsModel["isBroken"] {
  const known = new Map<string, boolean>();
  return ({ name, value }) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const numbers = value.dtype === "float32" ? Float32Array.from(value.dataSync()) : new Float32Array();
    const broken = nonFiniteConstants(new Map([[name, float32([numbers.length], numbers)]])).length > 0;
    known.set(name, broken);
    return broken;
  };
}

/** @throws ErfitError where weights that the wanted tensors are computed with are not sound */
export function requireFinite(
  { file, program, isBroken }: TfjsModel,
  from: string,
  wanted: readonly string[],
): void {
  const names = program
    .weights(new Set([from]), wanted)
    .filter(isBroken)
    .map(({ name }) => name);
  if (names.length === 0) return;
  throw new ErfitError(`${file}: weights on the way to the target hold NaN or infinity: ${listed(names)}`, {
    remedy: "save the model again from a checkpoint that is sound",
  });
}

/** What a run is given, on the backend. */
export const fedTensor = ({ program, feed }: TfjsModel, from: string, value: Tensor<"float32">): tf.Tensor =>
  from === program.input.name ? feed(value) : toTfjs(value);

/** @throws ErfitError where a tensor is not there, or the one that is fed does not determine it */
export function requireComputable(
  { file, program, shapeOf }: TfjsModel,
  from: string,
  wanted: readonly string[],
): void {
  [from, ...wanted].forEach(shapeOf);
  const image = program.input.name;
  if (from === image) return;
  const steps = program.steps.map(({ name, inputs }) => ({ reads: inputs, makes: [name] }));
  requireDetermined(steps, { name: from, image, file }, wanted);
}

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
