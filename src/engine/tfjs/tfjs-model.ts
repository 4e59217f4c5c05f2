import { ErfitError } from "../../math/error.ts";
import { listed } from "../../math/listed.ts";
import type { Shape } from "../../math/tensor.ts";
import { requireDetermined } from "../entry.ts";
import type { BackendName } from "./backends/names.ts";
import type { Program } from "./model/program.ts";

/** An opened model, with what its runs need to know. */
export interface TfjsModel {
  /** Path, for messages. */
  readonly file: string;
  readonly program: Program;
  readonly backend: BackendName;
  /** Names of weights that hold NaN or infinity. */
  readonly nonFinite: readonly string[];
  /** @throws ErfitError where no tensor of numbers has that name */
  readonly shapeOf: (tensor: string) => Shape;
}

/** @throws ErfitError where the model's weights are not sound */
export function requireFinite({ file, nonFinite }: TfjsModel): void {
  if (nonFinite.length === 0) return;
  throw new ErfitError(`${file}: weights of the model hold NaN or infinity: ${listed(nonFinite)}`, {
    remedy: "save the model again from a checkpoint that is sound",
  });
}

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
