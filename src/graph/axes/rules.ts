import type { Shape } from "../../core/tensor.ts";
import { einsumTerms } from "../einsum.ts";
import type { Graph, NodeOf, Value } from "../graph.ts";
import type { Op, Window } from "../operators.ts";
import { ofPointwise } from "../pointwise.ts";
import { extentOf, isSpatial, misfitOf, other, type Axis } from "./axis.ts";
import { gathered } from "./gathered.ts";
import { cut, joined, resized } from "./parts.ts";
import { blocks, divisions, type Sampling } from "./placement.ts";
import { regrouped } from "./regrouped.ts";
import { resizeSampling, transposedSampling, windowSampling } from "./sampling.ts";

/** The axes of a tensor; undefined where nothing is known of them. */
export type Axes = readonly Axis[] | undefined;

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
    return best === undefined || misfitOf(axis) < misfitOf(best) ? axis : best;
  }, undefined) ?? other(extent);

/** NumPy's broadcasting: axes are aligned at the end. */
function broadcast(shape: Shape, axes: readonly Axes[]): Axes {
  const known = axes.filter((one) => one !== undefined);
  if (known.length === 0) return undefined;
  return shape.map((extent, position) =>
    clearest(
      known
        .flatMap((one) => one[position - shape.length + one.length] ?? [])
        .filter((axis) => extentOf(axis) === extent),
      extent,
    ),
  );
}

/** Every output position comes from the same position of the inputs. */
const pointwise = ({ outputs }: Typed, axes: readonly Axes[]): readonly Axes[] =>
  outputs.map(({ shape }) => broadcast(shape, axes));

/** As the first input, whatever other inputs say. */
const asFirst = (node: Typed, [x]: readonly Axes[]): readonly Axes[] => pointwise(node, [x]);

/** Spatial axes (from axis 2 on) are sampled as `samplings` has them, and channels (axis 1) become others. */
const sampled = ({ outputs }: Typed, [x]: readonly Axes[], samplings: readonly Sampling[]): readonly Axes[] =>
  outputs.map(({ shape }) =>
    x?.map((axis, k) => {
      if (k === 1) return other(shape[k] ?? 1);
      const sampling = samplings[k - 2];
      return sampling === undefined ? axis : resized(axis, shape[k] ?? 1, sampling);
    }),
  );

const windowed = (node: Typed & { readonly attributes: Window }, axes: readonly Axes[]) =>
  sampled(node, axes, windowSampling(node.attributes));

const spread = (node: Typed & { readonly attributes: Window }, axes: readonly Axes[]) =>
  sampled(node, axes, transposedSampling(node.attributes));

const reduced = (
  {
    attributes: { axes: gone, keepDims },
  }: { readonly attributes: { readonly axes: readonly number[]; readonly keepDims: boolean } },
  [x]: readonly Axes[],
): readonly Axes[] => [x?.flatMap((axis, k) => (gone.includes(k) ? (keepDims ? [other(1)] : []) : [axis]))];

const unknown = ({ outputs }: Typed): readonly Axes[] => outputs.map(() => undefined);

/** How the axes of the outputs follow from those of the inputs, one operator at a time. */
export const rules: { readonly [K in Op]: Rule<K> } = {
  ...ofPointwise(pointwise),

  MatMul: ({ inputs: [x, y], outputs }, [a, b]) => {
    const [left, right] = [x?.shape.length ?? 0, y?.shape.length ?? 0];
    if (left < 2 || right < 2) return unknown({ outputs });
    return outputs.map(({ shape }) => {
      const batch = broadcast(shape.slice(0, -2), [a?.slice(0, -2), b?.slice(0, -2)]) ?? [];
      return [...batch, a?.at(-2) ?? other(shape.at(-2) ?? 1), b?.at(-1) ?? other(shape.at(-1) ?? 1)];
    });
  },
  Gemm: ({ attributes: { transA, transB }, outputs }, [a, b]) =>
    outputs.map(({ shape: [rows = 1, columns = 1] }) => [
      a?.[transA ? 1 : 0] ?? other(rows),
      b?.[transB ? 0 : 1] ?? other(columns),
    ]),
  Einsum: ({ attributes, outputs }, axes) => {
    const { operands, output } = einsumTerms(attributes);
    return outputs.map(({ shape }) =>
      output.map((letter, k) =>
        clearest(
          operands.flatMap((letters, position) => axes[position]?.[letters.indexOf(letter)] ?? []),
          shape[k] ?? 1,
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
  Transpose: ({ attributes: { perm } }, [x]) => [x && perm.map((axis) => x[axis] ?? other(1))],
  Concat: ({ inputs, attributes: { axis }, outputs: [output] }, axes) => {
    const shape = output?.shape ?? [];
    const parts = inputs.map((part, k) => axes[k]?.[axis] ?? other(part?.shape[axis] ?? 1));
    return [broadcast(shape, axes)?.map((rest, k) => (k === axis ? joined(parts) : rest))];
  },
  Split: ({ attributes: { axis, sizes } }, [x]) =>
    sizes.map((size, part) => {
      const start = sizes.slice(0, part).reduce((sum, extent) => sum + extent, 0);
      return x?.map((whole, k) => (k === axis ? cut(whole, start, size) : whole));
    }),
  Slice: ({ attributes: { starts, steps, shape } }, [x]) => [
    x?.map((axis, k) => {
      const [start, step, extent] = [starts[k] ?? 0, steps[k] ?? 1, shape[k] ?? 1];
      return step === 1 ? cut(axis, start, extent) : resized(axis, extent, { start, step });
    }),
  ],
  Pad: ({ attributes: { pads } }, [x]) => [
    x?.map((axis, k) => joined([other(pads[k] ?? 0), axis, other(pads[k + x.length] ?? 0)])),
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
    x?.map((axis, k) =>
      resized(axis, attributes.shape[k] ?? 1, resizeSampling(attributes, k, extentOf(axis))),
    ),
  ],

  Gather: ({ inputs: [, indices], attributes: { axis } }, [x], constants) => [
    x?.flatMap((whole, k) => {
      if (k !== axis || indices == null) return [whole];
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
