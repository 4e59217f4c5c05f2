import { extend, type Builder } from "../graph/builder.ts";
import {
  ancestors,
  dependents,
  nodeOf,
  operandsOf,
  pruned,
  type Graph,
  type Node,
  type NodeOf,
  type Value,
} from "../graph/graph.ts";
import type { Op } from "../graph/operators.ts";
import { broadcastAxes, sameShape, type DType, type Shape } from "../core/tensor.ts";
import { ErfitError } from "../core/error.ts";
import { narrowed } from "./cone/cone.ts";
import { seed, type Objective } from "./objective.ts";
import type { Pullback } from "./pullbacks/pullback.ts";
import { pullbacks as exactPullbacks } from "./pullbacks/table.ts";
import { barred, unsupported } from "./unsupported.ts";

/** The rule of every operator. */
export type Pullbacks = { readonly [K in Op]: Pullback<K> };

export interface GradientRequest {
  /** Tensor that the objective reads. */
  readonly target: Value;
  readonly objective: Objective;
  /** Tensor to differentiate with respect to. */
  readonly withRespectTo: Value;
  /** Further tensors that the same run returns: logits, feature maps. */
  readonly alongside?: readonly Value[];
  /** Compute only what the objective's cell depends on, where that can be done (see `narrowed`). */
  readonly cone?: boolean;
}

export interface GradientGraph {
  /** Outputs: the gradient first, then `alongside`. */
  readonly graph: Graph;
  /** Same shape as `withRespectTo`. */
  readonly gradient: Value;
}

/** Optional outputs that a pullback reads, in output order after the first: what the forward pass must keep. */
const residuals: {
  readonly [K in Op]?: (node: NodeOf<K>) => readonly { readonly dtype: DType; readonly shape: Shape }[];
} = {
  MaxPool: ({ outputs: [y] }) => [{ dtype: "int64", shape: y.shape }],
  LayerNormalization: ({ outputs: [y], attributes: { axis } }) => {
    const shape = y.shape.map((extent, k) => (k < axis ? extent : 1));
    return [
      { dtype: "float32", shape },
      { dtype: "float32", shape },
    ];
  },
};

function withResiduals<K extends Op>(node: NodeOf<K>): Node {
  const [first, ...others] = node.outputs;
  const kept = residuals[node.op]?.(node);
  const extra = kept?.map((type, k): Value => others[k] ?? { name: `${first.name}~${k + 1}`, ...type });
  return nodeOf({ ...node, outputs: [first, ...(extra ?? others)] });
}

/** Sums a cotangent over the axes that its value was broadcast along. */
function unbroadcast(g: Builder, cotangent: Value, shape: Shape): Value {
  if (sameShape(cotangent.shape, shape)) return cotangent;
  return g.reshape(g.reduceSum(cotangent, broadcastAxes(shape, cotangent.shape)), shape);
}

/** Names of the values that only products read, the target not among them. */
function factorsOf(nodes: readonly Node[], target: Value): ReadonlySet<string> {
  const read = nodes.flatMap((node) => operandsOf(node).map(({ name }) => ({ op: node.op, name })));
  const factors = new Set(read.filter(({ op }) => op === "Mul").map(({ name }) => name));
  for (const { op, name } of read) if (op !== "Mul") factors.delete(name);
  factors.delete(target.name);
  return factors;
}

/** Applies one node's pullback; returns cotangents by input position. */
function pullBack<K extends Op>(
  g: Builder,
  table: Pullbacks,
  node: NodeOf<K>,
  cotangents: readonly (Value | null)[],
  factors: ReadonlySet<string> = new Set(),
) {
  const [y] = node.outputs;
  const dy = cotangents[0] ?? g.zeros(y.shape);
  const rule: Pullback<K> = table[node.op];
  g.from(node.source);
  return rule(g, {
    x: node.inputs,
    y,
    dy,
    outputs: node.outputs,
    cotangents,
    attributes: node.attributes,
    scales: factors.has(y.name),
  });
}

/**
 * Whether a node has a rule for every input among `values`: tried, for a rule may depend on shapes and attributes. A file may
 * record shapes that a node cannot have: no rule fits it, and the runtime refuses to run it.
 */
const ruleFor =
  (table: Pullbacks) =>
  (node: Node, values: ReadonlySet<string>): boolean => {
    const g = extend({ inputs: [], nodes: [node], outputs: [], constants: new Map() });
    const outgoing = tried(() => pullBack(g, table, withResiduals(node), [])) ?? [];
    return node.inputs.every(
      (input, position) => input === null || !values.has(input.name) || outgoing[position] !== undefined,
    );
  };

function tried<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

/** Names of the tensors whose gradient with respect to `from` can be built: every node in between has a rule. */
export function differentiable(graph: Graph, from: Value): ReadonlySet<string> {
  const reached = dependents(graph, [from.name]);
  const without = barred(graph, reached, ruleFor(exactPullbacks));
  return new Set([...reached].filter((name) => !without.has(name)));
}

/**
 * Reverse mode, as graph -> graph: the forward nodes, then the nodes that compute d objective(target) / d withRespectTo.
 * The walker owns fan-out, broadcasting and dead branches; the rules never see them.
 *
 * @throws ErfitError where the target does not depend on the tensor, or an operator between them has no gradient.
 */
export function gradientGraph(
  whole: Graph,
  request: GradientRequest,
  table: Pullbacks = exactPullbacks,
): GradientGraph {
  const { withRespectTo, cone = false } = request;
  if (!dependents(whole, [withRespectTo.name]).has(request.target.name)) {
    throw new ErfitError(
      `tensor "${request.target.name}" does not depend on "${withRespectTo.name}": there is no gradient between them`,
    );
  }
  const requested = { ...request, graph: whole };
  const { graph, target, objective, alongside = [] } = cone ? narrowed(requested) : requested;
  const reached = dependents(graph, [withRespectTo.name]);
  const useful = ancestors(graph, [target.name]);
  const active = (value: Value | null): value is Value =>
    value !== null && reached.has(value.name) && useful.has(value.name);
  const onPath = (node: Node) => node.outputs.some(active) && node.inputs.some(active);

  const forward = pruned(graph, [target, ...alongside]);
  const prepared = {
    ...forward,
    nodes: forward.nodes.map((node) => (onPath(node) ? withResiduals(node) : node)),
  };

  const factors = factorsOf(prepared.nodes, target);
  const g = extend(prepared);
  const cotangents = new Map<string, Value>([[target.name, seed(g, target, objective)]]);
  const accumulate = (value: Value, cotangent: Value) => {
    const contribution = unbroadcast(g, cotangent, value.shape);
    const sum = cotangents.get(value.name);
    cotangents.set(value.name, sum === undefined ? contribution : g.add(sum, contribution));
  };

  for (const node of prepared.nodes.toReversed()) {
    const incoming = node.outputs.map((output) => cotangents.get(output.name) ?? null);
    if (!onPath(node) || incoming.every((cotangent) => cotangent === null)) continue;
    const outgoing = pullBack(g, table, node, incoming, factors);
    node.inputs.forEach((input, position) => {
      if (!active(input)) return;
      const cotangent = outgoing[position];
      if (cotangent === undefined) throw unsupported(whole, node, position, withRespectTo, ruleFor(table));
      if (cotangent !== null) accumulate(input, cotangent);
    });
  }

  const gradient = cotangents.get(withRespectTo.name) ?? g.zeros(withRespectTo.shape);
  return { graph: pruned(g.build([]), [gradient, ...alongside]), gradient };
}
