import { classIndexOf } from "./classes.ts";
import type { ClassChooser } from "./explain.ts";
import type { TensorInfo } from "../runtime/network.ts";
import { ErfitError } from "../core/error.ts";
import { sizeOf } from "../core/tensor.ts";

/** Which classes of each image are explained: given ones, and so many of the highest scores. */
export interface ClassChoice {
  readonly given: readonly number[];
  readonly top: number;
}

/** Whether it is the predicted class alone, which the graph itself can choose. */
export const isPredicted = ({ given, top }: ClassChoice): boolean => given.length === 0 && top === 1;

/** The choice as an explainer takes it: only the highest scores wait for an image's logits. */
export const chooserOf = (choice: ClassChoice): ClassChooser =>
  choice.top === 0 ? choice.given : (logits) => classesOf(choice, logits);

/** Indices, labels, and `top5` for the five highest scores; the predicted class where nothing is given. */
export function classChoiceFrom(
  texts: readonly string[],
  names: readonly string[] | undefined,
  { name, shape }: TensorInfo,
): ClassChoice {
  const classes = sizeOf(shape);
  const tops = texts.flatMap((text) => (/^top\d+$/i.test(text) ? [Number(text.slice(3))] : []));
  const given = texts.filter((text) => !/^top\d+$/i.test(text)).map((text) => classIndexOf(text, names));
  for (const index of given)
    if (index >= classes)
      throw new ErfitError(
        `class ${index} does not exist: the model's output "${name}" has ${classes} classes, 0 to ${classes - 1}`,
      );
  for (const top of tops)
    if (top < 1 || top > classes)
      throw new ErfitError(
        `--class top${top}: the model's output "${name}" has ${classes} classes; expected top1 to top${classes}`,
      );
  return { given: [...new Set(given)], top: Math.max(...tops, texts.length === 0 ? 1 : 0) };
}

/** The classes of one image: the given ones in their order, then the highest scores that are not among them. */
export function classesOf({ given, top }: ClassChoice, logits: Float32Array): readonly number[] {
  const ranked = Array.from(logits, (_, index) => index).sort(
    (a, b) => (logits[b] ?? NaN) - (logits[a] ?? NaN),
  );
  return [...new Set([...given, ...ranked.slice(0, top)])];
}
