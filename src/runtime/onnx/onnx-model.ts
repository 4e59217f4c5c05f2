import type { Graph, Value } from "../../graph/graph.ts";
import { nonFiniteConstants } from "../../onnx/non-finite.ts";
import { ErfitError } from "../../core/error.ts";
import { listed } from "../../core/listed.ts";

/** An imported network, with what its runs need to know. */
export interface OnnxModel {
  /** Name for messages. */
  readonly file: string;
  readonly graph: Graph;
  readonly image: Value;
  /** Threads to compute with; 0: as many as there are cores. */
  readonly threads: number;
  /** @throws ErfitError where no tensor has that name */
  readonly valueNamed: (name: string) => Value;
}

/** Looks tensors up by name: the image, and all that is computed from it. */
export function valuesByName({ nodes }: Graph, image: Value, file: string): (name: string) => Value {
  const values = new Map(
    [image, ...nodes.flatMap(({ outputs }) => outputs)].map((value) => [value.name, value]),
  );
  return (name) => {
    const value = values.get(name);
    if (value === undefined) throw new ErfitError(`${file}: no tensor named "${name}"`);
    return value;
  };
}

/** @throws ErfitError where weights that a program reads hold NaN or infinity */
export function refuseNonFinite({ constants }: Graph, file: string): void {
  const names = nonFiniteConstants(constants);
  if (names.length === 0) return;
  throw new ErfitError(`${file}: weights on the way to the target hold NaN or infinity: ${listed(names)}`, {
    remedy: "export the model again from a checkpoint that is sound",
  });
}
