import type { ClassChooser } from "./explain.ts";
import { ErfitError, optionText } from "../core/error.ts";
import { nearestOf } from "../core/suggestion.ts";
import { sizeOf } from "../core/tensor.ts";
import type { TensorInfo } from "../runtime/network.ts";

/**
 * The index that a user means by `17` or `tabby`. Labels may repeat (ImageNet has two cranes): then the index is asked for.
 * @param names in the order of the logits; undefined where the model names none
 */
export function classIndexOf(given: string, names: readonly string[] | undefined): number {
  if (/^\d+$/.test(given)) return Number(given);
  if (names === undefined) {
    throw new ErfitError(`class "${given}": the model has no class names; expected an index`, {
      remedy: "name the classes in the sidecar, under output.classes",
    });
  }
  const wanted = given.toLowerCase();
  const indices = names.flatMap((name, index) => (name.toLowerCase() === wanted ? [index] : []));
  const [first, ...others] = indices;
  if (first === undefined) {
    const nearest = nearestOf(given, names).slice(0, 3);
    throw new ErfitError(`class "${given}" is not one of the model's ${names.length} classes`, {
      remedy: `nearest: ${nearest.join(", ")}`,
    });
  }
  if (others.length > 0)
    throw new ErfitError(`class "${given}" is the name of ${indices.length} classes: ${indices.join(", ")}`, {
      remedy: "give the index",
    });
  return first;
}

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
        `${optionText("class", `top${top}`)}: the model's output "${name}" has ${classes} classes; expected top1 to top${classes}`,
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
