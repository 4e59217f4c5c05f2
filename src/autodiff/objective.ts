import type { Builder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import { ErfitError } from "../core/error.ts";
import { at } from "../core/required.ts";
import { random } from "../core/random.ts";
import { float32, int64, sizeOf } from "../core/tensor.ts";

/** One position of a feature map: an index on every axis but the channels', which is `null`. */
export type Cell = readonly (number | null)[];

/**
 * The scalar that is differentiated, as data, so that every runtime can read it:
 * - `channel-mean`: mean over channels at one cell (Kim et al.; OpenERF);
 * - `rectified-sum`: sum of ReLU over channels at one cell (Ding et al. 2022);
 * - `element`: one element of the flattened tensor;
 * - `top`: the largest element, chosen anew for each image;
 * - `cotangent`: any weighted sum; the weights are fed at run time under this name.
 *
 * With `signs` the first two take each channel with a sign of its own: the channels may depend on the image where their sum does not.
 *
 * The last three read scores (by default), or the probabilities that a softmax over the whole tensor, or a sigmoid of each
 * element, makes of them.
 */
export type Objective =
  | { readonly kind: "channel-mean"; readonly cell: Cell; readonly signs?: boolean }
  | { readonly kind: "rectified-sum"; readonly cell: Cell; readonly signs?: boolean }
  | { readonly kind: "element"; readonly index: number; readonly of?: ScoreScale }
  | { readonly kind: "top"; readonly of?: ScoreScale }
  | { readonly kind: "cotangent"; readonly name: string; readonly of?: ScoreScale };

/** An objective that reads one cell. */
export type CellObjective = Extract<Objective, { readonly cell: Cell }>;

/** Whether scores count as they are, or through a softmax or a sigmoid. */
export type ScoreScale = "score" | "softmax" | "sigmoid";

const within = (index: number | null | undefined, extent: number): boolean =>
  index === null || (Number.isInteger(index) && index !== undefined && index >= 0 && index < extent);

/** @throws ErfitError for a cell that lies outside the tensor */
export function requireCell({ name, shape }: Value, cell: Cell): void {
  if (cell.length !== shape.length || !shape.every((extent, axis) => within(cell[axis], extent))) {
    throw new ErfitError(
      `cell [${cell.map((index) => index ?? ":").join(", ")}] is outside tensor "${name}" of shape [${shape.join(", ")}]`,
    );
  }
}

/** Signs of channels, the same each time; both occur wherever there are two. */
function channelSigns(channels: number): readonly number[] {
  const next = random(1);
  return Array.from({ length: channels }, (_, channel) =>
    channel < 2 ? 1 - 2 * channel : next() < 0.5 ? -1 : 1,
  );
}

/** The weights of an objective on the channels of its cell, zero elsewhere. */
export function cellWeights(y: Value, { kind, cell, signs = false }: CellObjective): Float32Array {
  requireCell(y, cell);
  const { shape } = y;
  const channels = sizeOf(shape.filter((_, axis) => cell[axis] == null));
  const weight = kind === "channel-mean" ? 1 / channels : 1;
  const signed = channelSigns(channels);
  const weights = new Float32Array(sizeOf(shape));
  let channel = 0;
  for (let flat = 0; flat < weights.length; flat++) {
    let rest = flat;
    let inside = true;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const extent = at(shape, axis);
      const index = cell[axis];
      if (index != null && index !== rest % extent) inside = false;
      rest = Math.floor(rest / extent);
    }
    if (inside) weights[flat] = weight * (signs ? at(signed, channel++) : 1);
  }
  return weights;
}

/** One at an element of the flattened tensor, zero elsewhere. */
export const oneHot = (y: Value, index: number): Float32Array => {
  const size = sizeOf(y.shape);
  if (!Number.isInteger(index) || index < 0 || index >= size) {
    throw new ErfitError(
      `index ${index} is outside tensor "${y.name}", which has ${size} elements, 0 to ${size - 1}`,
    );
  }
  const weights = new Float32Array(size);
  weights[index] = 1;
  return weights;
};

/** One at the largest element (the first of them on a tie), zero elsewhere. */
function largestOf(g: Builder, y: Value): Value {
  const size = sizeOf(y.shape);
  const indices = g.constant(int64([size], [...Array(size).keys()]));
  const best = g.argMax(g.reshape(y, [size]), 0, true);
  return g.reshape(g.cast(g.equal(indices, best), "float32"), y.shape);
}

/**
 * Weights of the probabilities p = softmax(y) as weights of y itself: p ∘ (w - Σ p w). A constant added to w changes
 * nothing, so w is first taken relative to the likeliest class: of a class at 0.999999, what is left of 1 is then summed
 * over the others, not found as a difference.
 */
function throughSoftmax(g: Builder, y: Value, weights: Value): Value {
  const row = [1, sizeOf(y.shape)];
  const [scores, w] = [g.reshape(y, row), g.reshape(weights, row)];
  const total = (value: Value) => g.reduceSum(value, [1]);
  const p = g.single("Softmax", [scores], { axis: 1 }, "float32", row);
  const relative = g.sub(w, total(g.mul(largestOf(g, scores), w)));
  return g.reshape(g.mul(p, g.sub(relative, total(g.mul(p, relative)))), y.shape);
}

/**
 * Weights of the probabilities p = sigmoid(y) as weights of y itself: w p (1 - p) = w e / (1 + e)² with e = exp(-|y|). Of a
 * class that is all but certain neither 1 - p nor ONNX Runtime's sigmoid(-y) has anything left.
 */
function throughSigmoid(g: Builder, y: Value, weights: Value): Value {
  const e = g.exp(g.neg(g.abs(y)));
  const sum = g.add(e, 1);
  return g.mul(weights, g.div(e, g.mul(sum, sum)));
}

const scales: Readonly<Record<ScoreScale, (g: Builder, y: Value, weights: Value) => Value>> = {
  score: (_, __, weights) => weights,
  softmax: throughSoftmax,
  sigmoid: throughSigmoid,
};

/** The cotangent of `y` under an objective: the seed of reverse mode. @throws ErfitError for an index or cell outside `y` */
export function seed(g: Builder, y: Value, objective: Objective): Value {
  const constant = (weights: Float32Array) => g.constant(float32(y.shape, weights));
  const onScale = (scale: ScoreScale = "score", weights: Value) => scales[scale](g, y, weights);
  switch (objective.kind) {
    case "channel-mean":
      return constant(cellWeights(y, objective));
    case "rectified-sum":
      return g.where(g.greater(y, 0), constant(cellWeights(y, objective)), 0);
    case "element":
      return onScale(objective.of, constant(oneHot(y, objective.index)));
    case "top":
      return onScale(objective.of, largestOf(g, y));
    case "cotangent":
      return onScale(objective.of, g.input(objective.name, "float32", y.shape));
  }
}
