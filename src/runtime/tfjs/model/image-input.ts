import { ErfitError } from "../../../core/error.ts";

/** The input that takes the image: the one that is named, else the only one. @throws ErfitError where there is none such */
export function imageInput<Input>(
  inputs: ReadonlyMap<string, Input>,
  path: string,
  name: string | undefined,
): Input {
  const [only] = inputs.size === 1 ? inputs.values() : [];
  const image = name === undefined ? only : inputs.get(name);
  if (image !== undefined) return image;
  throw new ErfitError(
    name === undefined ? `${path}: the model has ${inputs.size} inputs` : `${path}: no input named "${name}"`,
    {
      remedy: `its inputs: ${[...inputs.keys()].join(", ") || "none"}; one with a single image input is expected`,
    },
  );
}
