import { fastGradient } from "../runtime/rewrites/fast-gradient.ts";
import type { Objective } from "../autodiff/objective.ts";
import type { Layer } from "../runtime/layers.ts";
import type { ProbabilityRule } from "../runtime/network.ts";
import { extend, type Builder } from "../graph/builder.ts";
import { valueIn, withOutputs } from "../graph/outputs.ts";
import type { Graph, Value } from "../graph/graph.ts";
import { float32, int64, sizeOf } from "../core/tensor.ts";
import type { CamColumn } from "./columns.ts";
import type { NormalizationName } from "./normalizations.ts";
import { objectiveScale, type ScoreScale } from "./scores.ts";
import { mapExpression } from "./cam.ts";
import { featuresIn } from "./feature-map.ts";
import { expressionOf } from "./methods.ts";
import { defaultCamOptions } from "./options.ts";
import { upsamplingMatrices } from "./upsamplers.ts";

export interface CamGraphRequest {
  readonly layer: Layer;
  /** Tensor of the classes' scores. */
  readonly logits: string;
  /** The class to explain; undefined: the predicted one of each image, chosen inside the graph. */
  readonly classIndex: number | undefined;
  /** Whether the class's score or its probability is explained. */
  readonly score: ScoreScale;
  /** How scores become probabilities. */
  readonly probability: ProbabilityRule;
  readonly column: CamColumn;
  readonly normalization: NormalizationName;
  /** Height and width of the map, in pixels. */
  readonly size: readonly [height: number, width: number];
}

/**
 * A network and its class activation map as one graph. It takes the image and returns
 * - `logits`, as the network has them,
 * - `class_index`, int64 `[1]`,
 * - `grid`, the signed map at the layer's resolution `[rows, columns]`, before any ReLU,
 * - `map`, the map at input size `[height, width]`: rectified, upsampled and normalized as asked.
 * @throws ErfitError for a method that is no single expression, and where there is no gradient
 */
export function camGraph(network: Graph, request: CamGraphRequest): Graph {
  const { layer, classIndex, column, normalization, size } = request;
  const expression = expressionOf(column.method);
  const { graph } = fastGradient(network, {
    target: valueIn(network, request.logits),
    objective: objectiveOf(request),
    withRespectTo: valueIn(network, layer.name),
    alongside: [valueIn(network, request.logits), valueIn(network, layer.name)],
  });
  const [gradient, logits, features] = graph.outputs;
  if (gradient === undefined || logits === undefined || features === undefined)
    throw new Error("a gradient graph returns the gradient and what was asked alongside");

  const g = extend(graph);
  const [A, G] = [featuresIn(g, features, layer.grid), featuresIn(g, gradient, layer.grid)];
  const grid = expression(g, A, G, defaultCamOptions);
  const matrices = upsamplingMatrices(grid.shape, size, column.upsampling);
  const constants = matrices.map(({ shape, data }) => g.constant(float32(shape, Float32Array.from(data))));
  const map = mapExpression(g, grid, constants, column.rectify, normalization);
  const class_index = classIndex === undefined ? predicted(g, logits) : g.constant(int64([1], [classIndex]));
  return withOutputs(g.build([]), { logits, class_index, grid, map });
}

const objectiveOf = ({ classIndex, score, probability }: CamGraphRequest): Objective => {
  const of = objectiveScale(score, probability);
  return classIndex === undefined ? { kind: "top", of } : { kind: "element", index: classIndex, of };
};

/** Index of the largest element, the first of them on a tie: `[1]`. */
const predicted = (g: Builder, logits: Value): Value =>
  g.argMax(g.reshape(logits, [1, sizeOf(logits.shape)]), 1, false);
