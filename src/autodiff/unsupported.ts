import { ancestors, dependents, type Graph, type Node, type Value } from "../graph/graph.ts";
import { ErfitError } from "../core/error.ts";

const inModule = ({ source }: Node): string =>
  source?.module === undefined ? "" : ` (module ${source.module})`;

function described(node: Node): string {
  const type =
    node.op === "Opaque"
      ? [node.attributes.domain, node.attributes.opType].filter((part) => part !== "").join("::")
      : node.op;
  return `operator ${type} of node "${node.source?.node ?? "?"}"${inModule(node)}`;
}

/** [1, C, H, W], [1, H, W, C] or [1, tokens, C]: what can be read as cells with channels. */
const isFeatureMap = ({ dtype, shape: [batch, ...extents] }: Value): boolean =>
  dtype === "float32" &&
  batch === 1 &&
  (extents.length === 2 || extents.length === 3) &&
  extents.every((extent) => extent > 1);

/** Whether the operator of a node has a rule for every input among `values`. */
type HasRule = (node: Node, values: ReadonlySet<string>) => boolean;

/** Names of the tensors whose gradient with respect to one that changes all of `reached` passes a node without a rule. */
export const barred = (graph: Graph, reached: ReadonlySet<string>, hasRule: HasRule): ReadonlySet<string> =>
  dependents(
    graph,
    graph.nodes
      .filter(({ outputs }) => outputs.some(({ name }) => reached.has(name)))
      .filter((node) => !hasRule(node, reached))
      .flatMap(({ outputs }) => outputs.map(({ name }) => name)),
  );

/** Operators that compute in quantized integers throughout (QOperator), of ONNX and of ONNX Runtime. */
const inIntegers = /^(QLinear|QGemm|QAttention|QEmbed|QMoE|NhwcMaxPool|DynamicQuantize|.*Integer)/;

/** Whether a node computes with quantized integers, in a form that has no gradient. */
const isQuantized = (node: Node): boolean => node.op === "Opaque" && inIntegers.test(node.attributes.opType);

/** What to do about a node that has no gradient because its activations are integers. */
const floatModel =
  "export the float model, or quantize with pairs of QuantizeLinear and DequantizeLinear (QDQ)";

/** The last feature map before a tensor to which a gradient leads through nodes that have rules. */
function nearestLayer(graph: Graph, tensor: Value, from: Value, hasRule: HasRule): string | undefined {
  const before = ancestors(graph, [tensor.name]);
  const reached = dependents(graph, [from.name]);
  const leading = graph.nodes.filter(({ outputs }) =>
    outputs.some(({ name }) => before.has(name) && reached.has(name)),
  );
  const after = barred({ ...graph, nodes: leading }, reached, hasRule);
  const layers = leading.flatMap((node) =>
    node.outputs
      .filter((output) => isFeatureMap(output) && before.has(output.name) && !after.has(output.name))
      .map(({ name }) => `"${name}"${inModule(node)}`),
  );
  return layers.at(-1);
}

/**
 * The error for a node whose operator has no rule for the input at a position, on the way back to the tensor `from`.
 * The node may be cut to a cone; `graph` is whole.
 */
export function unsupported(
  graph: Graph,
  node: Node,
  position: number,
  from: Value,
  hasRule: HasRule,
): ErfitError {
  const [output] = node.outputs;
  const layer = nearestLayer(graph, output, from, hasRule);
  if (isQuantized(node)) {
    return new ErfitError(
      `${described(node)} computes in quantized integers and has no gradient, and the target is computed through it`,
      { remedy: floatModel },
    );
  }
  return new ErfitError(
    `${described(node)} has no gradient with respect to its input ${position}, and the target is computed through it`,
    {
      remedy:
        layer === undefined
          ? "no feature map comes before this node: the network cannot be probed"
          : `choose a layer before this node; the nearest is ${layer}, and \`erfit layers MODEL\` lists them all`,
    },
  );
}

/**
 * The error for a network none of whose feature maps has a gradient: it computes in integers throughout, or (where there are
 * maps) every one comes after an operator without a rule. Undefined where that is not the reason.
 */
export function barrierOf({ nodes }: Graph, hasMaps: boolean): ErfitError | undefined {
  const node = nodes.find(isQuantized) ?? (hasMaps ? nodes.find(({ op }) => op === "Opaque") : undefined);
  if (node === undefined) return undefined;
  return isQuantized(node)
    ? new ErfitError(`${described(node)} computes in quantized integers: no feature map has a gradient`, {
        remedy: floatModel,
      })
    : new ErfitError(`${described(node)} has no gradient, and every feature map is computed through it`);
}
