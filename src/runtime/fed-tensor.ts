import { ErfitError } from "../core/error.ts";
import { sameShape, type Shape, type Tensor } from "../core/tensor.ts";
import type { ImageInput } from "./network.ts";

/** A step of a computation: names of the tensors that it reads, and of those that it makes. */
interface Step {
  readonly reads: readonly string[];
  readonly makes: readonly string[];
}

/** A tensor that is fed in place of a network's image. */
interface FedTensor {
  readonly name: string;
  /** Name of the image that it replaces. */
  readonly image: string;
  /** The network's file, for messages. */
  readonly file: string;
}

/** Names of what is computed from a tensor, itself among them, where `blocked` leads no further. */
function reachedFrom(steps: Iterable<Step>, source: string, blocked?: string): ReadonlySet<string> {
  const reached = new Set([source]);
  for (const { reads, makes } of steps) {
    if (!reads.some((name) => reached.has(name))) continue;
    for (const name of makes) if (name !== blocked) reached.add(name);
  }
  return reached;
}

/**
 * @param steps in topological order
 * @throws ErfitError where a wanted tensor is not computed from the one that is fed, or not from it alone
 */
export function requireDetermined(
  steps: readonly Step[],
  { name, image, file }: FedTensor,
  wanted: readonly string[],
): void {
  const downstream = reachedFrom(steps, name);
  const bypassing = reachedFrom(steps, image, name);
  for (const output of wanted) {
    if (!downstream.has(output)) {
      throw new ErfitError(
        `${file}: tensor "${output}" does not depend on "${name}", which is to be fed in place of the image`,
      );
    }
    if (output !== name && bypassing.has(output)) {
      throw new ErfitError(
        `${file}: tensor "${output}" depends on the image by a path around "${name}" too: fed in place of the image, "${name}" does not determine it`,
        { remedy: "feed the image, or a tensor that all paths between the two lead through" },
      );
    }
  }
}

/** @throws ErfitError where the tensor that is fed has another shape than the network's */
export function requireShape(
  { shape }: Tensor,
  expected: { readonly name: string; readonly shape: Shape },
  { image, file }: Omit<FedTensor, "name">,
): void {
  if (sameShape(shape, expected.shape)) return;
  const what = expected.name === image ? "the image tensor" : "the tensor fed in place of the image";
  throw new ErfitError(
    `${what} has shape [${shape.join(", ")}], but ${file} takes [${expected.shape.join(", ")}] at "${expected.name}"`,
  );
}

/** Which axis of the image input holds the three colors. @throws ErfitError where none does */
export function imageInput(
  { name, shape }: { readonly name: string; readonly shape: Shape },
  file: string,
): ImageInput {
  const [, a = 0, b = 0, c = 0] = shape;
  const shown = `[${shape.join(", ")}]`;
  if (shape.length !== 4 || shape[0] !== 1 || (a !== 3 && c !== 3)) {
    throw new ErfitError(
      `${file}: input "${name}" has shape ${shown}; expected one image with three colors, [1, 3, H, W] or [1, H, W, 3]`,
      { remedy: "export the model with three input channels and batch size 1" },
    );
  }
  return a === 3
    ? { name, shape, layout: "NCHW", height: b, width: c }
    : { name, shape, layout: "NHWC", height: a, width: b };
}
