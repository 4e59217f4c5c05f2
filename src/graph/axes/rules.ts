import type { Shape } from "../../math/tensor.ts";
import { einsumTerms } from "../einsum.ts";
import type { NodeOf, Value } from "../graph.ts";
import type { Op } from "../operators.ts";
import { ofPointwise } from "../pointwise.ts";
import { cut, extentOf, joined, meaningOf, other, regrouped, resized, type Axis } from "./axis.ts";

/** The axes of a tensor; undefined where nothing is known of them. */
export type Axes = readonly Axis[] | undefined;

/** The axes of a node's outputs from those of its inputs. */
type Rule<K extends Op> = (node: NodeOf<K>, axes: readonly Axes[]) => readonly Axes[];

interface Typed {
  readonly outputs: readonly Value[];
}

const spatial = (axis: Axis): boolean => axis.factors.some(({ of }) => of !== "other");

/** The axis that says most of the image. */
const clearest = (candidates: readonly Axis[], extent: number): Axis =>
  candidates.find(spatial) ?? other(extent);

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

/** Positions stay in their order, extents may change, and channels (axis 1) become others. */
const sampled = ({ outputs }: Typed, [x]: readonly Axes[]): readonly Axes[] =>
  outputs.map(({ shape }) =>
    x?.map((axis, k) => (k === 1 ? other(shape[k] ?? 1) : resized(axis, shape[k] ?? 1))),
  );

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
  Conv: sampled,
  ConvTranspose: sampled,

  MaxPool: sampled,
  MaxUnpool: sampled,
  AveragePool: sampled,

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
    x?.map((axis, k) =>
      (steps[k] ?? 1) === 1 ? cut(axis, starts[k] ?? 0, shape[k] ?? 1) : resized(axis, shape[k] ?? 1),
    ),
  ],
  Pad: ({ attributes: { pads } }, [x]) => [
    x?.map((axis, k) => joined([other(pads[k] ?? 0), axis, other(pads[k + x.length] ?? 0)])),
  ],
  Expand: pointwise,
  Tile: pointwise,
  DepthToSpace: sampled,
  SpaceToDepth: sampled,
  Resize: ({ attributes: { shape } }, [x]) => [x?.map((axis, k) => resized(axis, shape[k] ?? 1))],

  Gather: ({ inputs: [, indices], attributes: { axis } }, [x]) => [
    x?.flatMap((whole, k) => {
      if (k !== axis) return [whole];
      const [count = 1, ...more] = indices?.shape ?? [];
      // One list of indices: a rolled or sampled direction. A grid in row-major order may be shuffled by it.
      if (indices?.shape.length === 1 && meaningOf(whole).counts !== "cells") return [resized(whole, count)];
      return indices?.shape.length === 0 ? [] : [count, ...more].map(other);
    }),
  ],
  GatherElements: unknown,
  GatherND: unknown,
  ScatterElements: asFirst,
  ScatterND: asFirst,
  OneHot: unknown,

  Opaque: unknown,
};
