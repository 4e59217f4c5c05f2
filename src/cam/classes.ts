import { distance } from "fastest-levenshtein";
import { ErfitError } from "../core/error.ts";

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
    const nearest = [...names]
      .sort((a, b) => distance(wanted, a.toLowerCase()) - distance(wanted, b.toLowerCase()))
      .slice(0, 3);
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
