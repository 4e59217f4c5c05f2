import { ErfitError } from "../core/error.ts";
import type { Shape } from "../core/tensor.ts";
import type { ImageInput } from "./network.ts";

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
