import { ancestors, dependents, type Graph, type Node, type Value } from "../graph/graph.ts";
import { ErfitError } from "../math/error.ts";

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

/** The last feature map before a tensor to which a gradient leads through nodes that have rules. */
function nearestLayer(graph: Graph, tensor: Value, from: Value, hasRule: HasRule): string | undefined {
  const before = ancestors(graph, [tensor.name]);
  const reached = dependents(graph, [from.name]);
  const leading = graph.nodes.filter(({ outputs }) =>
    outputs.some(({ name }) => before.has(name) && reached.has(name)),
  );
  const barred = dependents(
    graph,
    leading
      .filter((node) => !hasRule(node, reached))
      .flatMap(({ outputs }) => outputs.map(({ name }) => name)),
  );
  const layers = leading.flatMap((node) =>
    node.outputs
      .filter((output) => isFeatureMap(output) && before.has(output.name) && !barred.has(output.name))
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
  const layer = output && nearestLayer(graph, output, from, hasRule);
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
