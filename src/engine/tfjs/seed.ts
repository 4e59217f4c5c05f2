import { cellWeights, oneHot, type Objective } from "../../autodiff/objective.ts";
import type { Value } from "../../graph/graph.ts";
import { ErfitError } from "../../math/error.ts";
import { sameShape, type Tensor } from "../../math/tensor.ts";

/** Index of the largest value, the first of them on a tie. */
function largest(values: Float32Array): number {
  let best = 0;
  values.forEach((value, index) => {
    if (value > (values[best] ?? -Infinity)) best = index;
  });
  return best;
}

/**
 * The cotangent of the target under an objective, for one image: TF.js's tape runs after the target's values are known.
 * @param values of the target
 * @throws ErfitError for an index or cell outside the target, or a cotangent of another shape
 */
export function seedWeights(
  target: Value,
  values: Float32Array,
  objective: Objective,
  fed: Tensor<"float32"> | undefined,
): Float32Array {
  switch (objective.kind) {
    case "channel-mean":
      return cellWeights(target, objective.cell, (channels) => 1 / channels);
    case "rectified-sum":
      return cellWeights(target, objective.cell, () => 1).map((weight, k) =>
        (values[k] ?? 0) > 0 ? weight : 0,
      );
    case "element":
      return oneHot(target, objective.index);
    case "top":
      return oneHot(target, largest(values));
    case "cotangent":
      if (fed === undefined || !sameShape(fed.shape, target.shape)) {
        throw new ErfitError(
          `the cotangent of "${target.name}" must have shape [${target.shape.join(", ")}], found ${fed === undefined ? "none" : `[${fed.shape.join(", ")}]`}`,
        );
      }
      return fed.data;
  }
}
