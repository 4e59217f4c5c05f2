import { create } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType as Type,
  AttributeProtoSchema,
  NodeProtoSchema,
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
} from "onnx-buf";
import { ErfitError } from "../../core/error.ts";
import { float32, int64, type Tensor } from "../../core/tensor.ts";
import { int, ints } from "../exporters/form.ts";
import {
  applies,
  attributesOf,
  domainOf,
  inputOf,
  nameOf,
  outputOf,
  subgraphsOf,
  withNode,
} from "../file/node.ts";
import { writeTensor } from "../file/tensors.ts";

/** From this opset on an attribute selects the batch's statistics; before, further outputs do. */
const attributeSince = 14;

/** From this opset on the axes of ReduceMean are an input. */
const axesAsInputSince = 18;

function takesBatchStatistics(node: NodeProto, opset: number): boolean {
  if (!applies(node, "BatchNormalization")) return false;
  const { flag } = attributesOf(node);
  return opset < attributeSince
    ? node.output.slice(1).some((name) => name !== "")
    : flag("training_mode", false);
}

const five = (name: (index: number) => string) => [name(0), name(1), name(2), name(3), name(4)] as const;

/**
 * The nodes that compute a BatchNormalization in training mode: y = (x - mean) / √(variance + ε) · scale + bias, with mean
 * and variance over all axes but the channels' (Ioffe and Szegedy 2015, Algorithm 1). The variance divides by the number of
 * elements, as PyTorch's does. x may have any rank: [N, C, …] is reshaped to [N, C, L].
 */
function written(node: NodeProto, opset: number): readonly NodeProto[] {
  const [x, scale, bias, oldMean, oldVariance] = five((index) => inputOf(node, index));
  const [y, runningMean, runningVariance, savedMean, savedVariance] = five((index) => outputOf(node, index));
  const { float } = attributesOf(node);
  const momentum = float("momentum", 0.9);

  // As the tensors that import rules add are marked: no one looks for them by name.
  const at = (part: string): string => `%${y}:${part}`;
  const apply = (
    opType: string,
    input: readonly string[],
    output: string,
    attribute: AttributeProto[] = [],
  ): NodeProto =>
    create(NodeProtoSchema, {
      opType,
      name: node.name,
      input: [...input],
      output: [output],
      attribute,
      metadataProps: node.metadataProps,
    });
  const constant = (part: string, value: Tensor): NodeProto =>
    apply("Constant", [], at(part), [
      create(AttributeProtoSchema, { name: "value", type: Type.TENSOR, t: writeTensor("", value) }),
    ]);
  const mean = (of: string, output: string): NodeProto =>
    opset < axesAsInputSince
      ? apply("ReduceMean", [of], output, [ints("axes", [0, 2]), int("keepdims", true)])
      : apply("ReduceMean", [of, at("axes")], output, [int("keepdims", true)]);
  /** momentum · old + (1 - momentum) · latest, which training keeps for inference. */
  const movingAverage = (old: string, latest: string, output: string): readonly NodeProto[] => [
    apply("Mul", [old, at("momentum")], `%${output}:old`),
    apply("Reshape", [latest, at("vector")], `%${output}:latest`),
    apply("Mul", [`%${output}:latest`, at("rest")], `%${output}:new`),
    apply("Add", [`%${output}:old`, `%${output}:new`], output),
  ];

  const nodes = [
    constant("extents", int64([3], [0, 0, -1])),
    constant("axes", int64([2], [0, 2])),
    constant("column", int64([3], [1, -1, 1])),
    constant("vector", int64([1], [-1])),
    constant("epsilon", float32([], [float("epsilon", 1e-5)])),
    constant("momentum", float32([], [momentum])),
    constant("rest", float32([], [1 - momentum])),
    apply("Reshape", [x, at("extents")], at("grouped")),
    mean(at("grouped"), at("mean")),
    apply("Sub", [at("grouped"), at("mean")], at("centered")),
    apply("Mul", [at("centered"), at("centered")], at("squares")),
    mean(at("squares"), at("variance")),
    apply("Add", [at("variance"), at("epsilon")], at("shifted")),
    apply("Sqrt", [at("shifted")], at("deviation")),
    apply("Div", [at("centered"), at("deviation")], at("normal")),
    apply("Reshape", [scale, at("column")], at("scale")),
    apply("Mul", [at("normal"), at("scale")], at("scaled")),
    apply("Reshape", [bias, at("column")], at("bias")),
    apply("Add", [at("scaled"), at("bias")], at("affine")),
    apply("Shape", [x], at("shape")),
    apply("Reshape", [at("affine"), at("shape")], y),
    ...(runningMean === "" ? [] : movingAverage(oldMean, at("mean"), runningMean)),
    ...(runningVariance === "" ? [] : movingAverage(oldVariance, at("variance"), runningVariance)),
    ...(savedMean === "" ? [] : [apply("Reshape", [at("mean"), at("vector")], savedMean)]),
    ...(savedVariance === "" ? [] : [apply("Reshape", [at("variance"), at("vector")], savedVariance)]),
  ];
  // The runtime takes each name once.
  return nodes.map((one, k) => (one.name === "" ? one : withNode(one, { name: `${one.name}:${k}` })));
}

/**
 * Writes every BatchNormalization in training mode out in operators that the runtime takes: its own kernel is for inference.
 * PyTorch exports one for weight standardization (BiT, NFNet), and for a network that was not switched to evaluation.
 * Changes `model`, which was just decoded and belongs to this import; returns the names of the normalized tensors.
 * @throws ErfitError for a form that normalizes every position by itself
 */
export function writeBatchStatistics({ graph, opsetImport }: ModelProto, file: string): readonly string[] {
  const opset = Number(opsetImport.find((one) => domainOf(one) === "")?.version ?? 0n);
  const normalized: string[] = [];
  function rewrite(part: GraphProto): void {
    part.node.flatMap(subgraphsOf).forEach(rewrite);
    part.node = part.node.flatMap((node) => {
      if (!takesBatchStatistics(node, opset)) return [node];
      // Up to opset 8, spatial = 0 normalizes every position by itself: of one image, that is nothing.
      if (!attributesOf(node).flag("spatial", true))
        throw new ErfitError(`${file}: ${nameOf(node)} is in training mode: export the model for inference`);
      normalized.push(...node.output.slice(0, 1));
      return written(node, opset);
    });
  }
  if (graph !== undefined) rewrite(graph);
  return normalized;
}
