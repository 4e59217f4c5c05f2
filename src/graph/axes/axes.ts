import { at } from "../../core/required.ts";
import type { Shape } from "../../core/tensor.ts";
import type { Graph, Node, NodeOf, Value } from "../graph.ts";
import { einsumTerms, ofPointwise, type Op, type Window } from "../operators.ts";
import { divisions, resizeSampling } from "../resize.ts";
import { middles, transposedMiddles, type Sampling } from "../window.ts";
import {
  along,
  blocks,
  extentOf,
  isSpatial,
  meaningOf,
  mismatchOf,
  other,
  pixels,
  type Axis,
  type AxisMeaning,
} from "./axis.ts";
import { gathered } from "./gathered.ts";
import { cut, joined, regrouped, resized } from "./parts.ts";

/** The axes of a tensor; undefined where nothing is known of them. */
type Axes = readonly Axis[] | undefined;

/** The axes of a node's outputs from those of its inputs. */
type Rule<K extends Op> = (
  node: NodeOf<K>,
  axes: readonly Axes[],
  constants: Graph["constants"],
) => readonly Axes[];

interface Typed {
  readonly outputs: readonly Value[];
}

/** The axis that tells most of the image; of paths with different strides, the one that covers it best. */
const clearest = (candidates: readonly Axis[], extent: number): Axis =>
  candidates.filter(isSpatial).reduce<Axis | undefined>((best, axis) => {
    return best === undefined || mismatchOf(axis) < mismatchOf(best) ? axis : best;
  }, undefined) ?? other(extent);

/** NumPy's broadcasting: axes are aligned at the end. */
const broadcast = (shape: Shape, axes: readonly Axes[]): Axes =>
  axes.every((one) => one === undefined) ? undefined : broadcastTo(shape, axes);

const broadcastTo = (shape: Shape, axes: readonly Axes[]): readonly Axis[] =>
  shape.map((extent, position) =>
    clearest(
      axes
        .flatMap((one) => one?.[position - shape.length + one.length] ?? [])
        .filter((axis) => extentOf(axis) === extent),
      extent,
    ),
  );

/** Every output position comes from the same position of the inputs. */
const pointwise = ({ outputs }: Typed, axes: readonly Axes[]): readonly Axes[] =>
  outputs.map(({ shape }) => broadcast(shape, axes));

/** As the first input, whatever the other inputs are. */
const asFirst = (node: Typed, [x]: readonly Axes[]): readonly Axes[] => pointwise(node, [x]);

/** Spatial axes (from axis 2 on) are sampled as `samplings` has them, and channels (axis 1) become others. */
const sampled = ({ outputs }: Typed, [x]: readonly Axes[], samplings: readonly Sampling[]): readonly Axes[] =>
  outputs.map(({ shape }) =>
    x?.map((axis, k) => {
      if (k === 1) return other(at(shape, k));
      const sampling = samplings[k - 2];
      return sampling === undefined ? axis : resized(axis, at(shape, k), sampling);
    }),
  );

const windowed = (node: Typed & { readonly attributes: Window }, axes: readonly Axes[]) =>
  sampled(node, axes, node.attributes.axes.map(middles));

const spread = (node: Typed & { readonly attributes: Window }, axes: readonly Axes[]) =>
  sampled(node, axes, node.attributes.axes.map(transposedMiddles));

const reduced = (
  {
    attributes: { axes: gone, keepDims },
  }: { readonly attributes: { readonly axes: readonly number[]; readonly keepDims: boolean } },
  [x]: readonly Axes[],
): readonly Axes[] => [x?.flatMap((axis, k) => (gone.includes(k) ? (keepDims ? [other(1)] : []) : [axis]))];

const unknown = ({ outputs }: Typed): readonly Axes[] => outputs.map(() => undefined);

/** How the axes of the outputs follow from those of the inputs, one operator at a time. */
const rules: { readonly [K in Op]: Rule<K> } = {
  ...ofPointwise(pointwise),

  MatMul: ({ inputs: [x, y], outputs }, [a, b]) => {
    if (x.shape.length < 2 || y.shape.length < 2) return unknown({ outputs });
    return outputs.map(({ shape }) => [
      ...broadcastTo(shape.slice(0, -2), [a?.slice(0, -2), b?.slice(0, -2)]),
      a?.at(-2) ?? other(at(shape, -2)),
      b?.at(-1) ?? other(at(shape, -1)),
    ]);
  },
  Gemm: ({ attributes: { transA, transB }, outputs }, [a, b]) =>
    outputs.map(({ shape }) => [
      a?.[transA ? 1 : 0] ?? other(at(shape, 0)),
      b?.[transB ? 0 : 1] ?? other(at(shape, 1)),
    ]),
  Einsum: ({ attributes, outputs }, axes) => {
    const { operands, output } = einsumTerms(attributes);
    return outputs.map(({ shape }) =>
      output.map((letter, k) =>
        clearest(
          operands.flatMap((letters, position) => axes[position]?.[letters.indexOf(letter)] ?? []),
          at(shape, k),
        ),
      ),
    );
  },
  Conv: windowed,
  ConvTranspose: spread,

  MaxPool: windowed,
  MaxUnpool: spread,
  AveragePool: windowed,

  BatchNormalization: asFirst,
  InstanceNormalization: asFirst,
  LayerNormalization: asFirst,
  LRN: asFirst,
  Softmax: asFirst,
  LogSoftmax: asFirst,

  QuantizeLinear: asFirst,
  DynamicQuantizeLinear: asFirst,

  ReduceSum: reduced,
  ReduceMean: reduced,
  ReduceMax: reduced,
  ReduceMin: reduced,
  ReduceProd: reduced,
  ReduceL2: reduced,
  ReduceLogSumExp: reduced,
  ArgMax: ({ attributes: { axis, keepDims } }, axes) =>
    reduced({ attributes: { axes: [axis], keepDims } }, axes),
  CumSum: asFirst,

  Reshape: ({ attributes: { shape } }, [x]) => [x && regrouped(x, shape)],
  Transpose: ({ attributes: { perm } }, [x]) => [x && perm.map((axis) => at(x, axis))],
  Concat: ({ inputs, attributes: { axis }, outputs: [{ shape }] }, axes) => {
    const parts = inputs.map((part, k) => axes[k]?.[axis] ?? other(at(part.shape, axis)));
    return [broadcast(shape, axes)?.map((rest, k) => (k === axis ? joined(parts) : rest))];
  },
  Split: ({ attributes: { axis, sizes } }, [x]) =>
    sizes.map((size, part) => {
      const start = sizes.slice(0, part).reduce((sum, extent) => sum + extent, 0);
      return x?.map((whole, k) => (k === axis ? cut(whole, start, size) : whole));
    }),
  Slice: ({ attributes }, [x]) => [
    x?.map((axis, k) => {
      const { start, step, extent } = at(attributes.axes, k);
      return step === 1 ? cut(axis, start, extent) : resized(axis, extent, { start, step });
    }),
  ],
  Pad: ({ attributes }, [x]) => [
    x?.map((axis, k) => {
      const { before, after } = at(attributes.axes, k);
      return joined([other(before), axis, other(after)]);
    }),
  ],
  Expand: pointwise,
  Tile: pointwise,
  DepthToSpace: (node, axes) => {
    const by = divisions(node.attributes.blockSize);
    return sampled(node, axes, [by, by]);
  },
  SpaceToDepth: (node, axes) => {
    const by = blocks(node.attributes.blockSize);
    return sampled(node, axes, [by, by]);
  },
  Resize: ({ attributes }, [x]) => [
    x?.map((whole, k) => {
      const axis = at(attributes.axes, k);
      return resized(whole, axis.extent, resizeSampling({ attributes, axis, input: extentOf(whole) }));
    }),
  ],

  Gather: ({ inputs: [, indices], attributes: { axis } }, [x], constants) => [
    x?.flatMap((whole, k) => {
      if (k !== axis) return [whole];
      return gathered(whole, indices.shape, constants.get(indices.name));
    }),
  ],
  GatherElements: unknown,
  GatherND: unknown,
  ScatterElements: asFirst,
  ScatterND: asFirst,
  OneHot: unknown,

  Opaque: unknown,
};

function applied<K extends Op>(node: NodeOf<K>, axes: readonly Axes[], constants: Graph["constants"]) {
  const rule: Rule<K> = rules[node.op];
  return rule(node, axes, constants);
}

/**
 * What every axis of every tensor counts, followed from the image through the graph: its rows and columns keep their names
 * through windows, tokens and permutations, until an operator mixes positions beyond recognition.
 * @param spatial the image's axes of rows and columns
 * @returns meanings by the tensor's name, one an axis; tensors of which nothing is known are left out
 */
export function axisMeanings(
  graph: Graph,
  image: Value,
  [rows, columns]: readonly [rows: number, columns: number],
): ReadonlyMap<string, readonly AxisMeaning[]> {
  const known = new Map<string, Axes>([
    [
      image.name,
      image.shape.map((extent, axis) =>
        axis === rows
          ? along("rows", extent, pixels(extent))
          : axis === columns
            ? along("columns", extent, pixels(extent))
            : other(extent),
      ),
    ],
  ]);
  const ofInputs = (node: Node) =>
    node.inputs.map((input) => (input === null ? undefined : known.get(input.name)));
  for (const node of graph.nodes) {
    const axes = ofInputs(node);
    if (axes.every((one) => one === undefined)) continue;
    const results = applied(node, axes, graph.constants);
    node.outputs.forEach(({ name }, k) => known.set(name, results[k]));
  }
  return new Map(
    [...known].flatMap(([name, axes]) => (axes === undefined ? [] : [[name, axes.map(meaningOf)]])),
  );
}
