import type { Tensor } from "@tensorflow/tfjs-core";
import { ErfitError } from "../../../core/error.ts";
import { sizeOf, type Shape } from "../../../core/tensor.ts";
import type { GraphNode } from "./files.ts";

/**
 * A node of a few bytes can ask for terabytes. Before a graph is run as a whole, its nodes are run one by one: those that take
 * a size from the elements of a tensor only once that size is known to be small enough (`survey.ts`).
 */

/** More elements than this in one tensor are no network's that TF.js computes: 256 MiB of float32. */
const mostElements = 2 ** 26;

/** What a node reads: shapes, and the elements that are sizes. */
interface Inputs {
  readonly shape: (index: number) => Shape;
  readonly numbers: (index: number) => readonly number[];
}

const product = (numbers: readonly number[]): number => sizeOf(numbers.map((one) => Math.max(0, one)));
const stated =
  (index: number) =>
  ({ numbers }: Inputs): number =>
    product(numbers(index));
const resized = ({ shape, numbers }: Inputs): number =>
  (shape(0)[0] ?? 1) * (shape(0)[3] ?? 1) * product(numbers(1));
const padded = ({ shape, numbers }: Inputs): number => {
  const pads = numbers(1);
  return product(shape(0).map((extent, axis) => extent + (pads[2 * axis] ?? 0) + (pads[2 * axis + 1] ?? 0)));
};

/** Axes of two operands side by side from the last one on: the longer one of each. */
const broadcast = ({ shape }: Inputs): number => {
  const [a, b] = [shape(0).toReversed(), shape(1).toReversed()];
  return sizeOf(
    Array.from({ length: Math.max(a.length, b.length) }, (_, k) => Math.max(a[k] ?? 1, b[k] ?? 1)),
  );
};
/** Rows times columns; either way round, where one operand is transposed. */
const multiplied = ({ shape }: Inputs): number =>
  (sizeOf(shape(0)) / Math.min(...shape(0).slice(-2))) * Math.max(...shape(1).slice(-2));

const broadcasting = Object.fromEntries(
  "Add AddV2 Sub Mul Div RealDiv FloorDiv Mod FloorMod Maximum Minimum Pow SquaredDifference Greater Less Equal"
    .split(" ")
    .map((op) => [op, broadcast]),
);

/** Elements that a node is going to make, by its operator. */
const elements: Readonly<Record<string, (inputs: Inputs) => number>> = {
  ...broadcasting,
  MatMul: multiplied,
  BatchMatMul: multiplied,
  BatchMatMulV2: multiplied,
  Fill: stated(0),
  Ones: stated(0),
  Zeros: stated(0),
  RandomStandardNormal: stated(0),
  RandomUniform: stated(0),
  RandomUniformInt: stated(0),
  TruncatedNormal: stated(0),
  Conv2DBackpropInput: stated(0),
  BroadcastTo: stated(1),
  SparseToDense: stated(1),
  ScatterNd: stated(2),
  LinSpace: stated(2),
  Tile: ({ shape, numbers }) => sizeOf(shape(0)) * product(numbers(1)),
  OneHot: ({ shape, numbers }) => sizeOf(shape(0)) * product(numbers(1)),
  Multinomial: ({ shape, numbers }) => (shape(0)[0] ?? 1) * product(numbers(1)),
  Range: ({ numbers }) => Math.abs(((numbers(1)[0] ?? 0) - (numbers(0)[0] ?? 0)) / (numbers(2)[0] ?? 1)),
  Pad: padded,
  PadV2: padded,
  MirrorPad: padded,
  ResizeBilinear: resized,
  ResizeNearestNeighbor: resized,
  CropAndResize: ({ shape, numbers }) => (shape(1)[0] ?? 1) * (shape(0)[3] ?? 1) * product(numbers(3)),
  SpaceToBatchND: ({ shape, numbers }) =>
    sizeOf(shape(0).map((extent) => extent + product([Math.max(0, ...numbers(2))]))),
};

/**
 * @param read gives an input of the node, where it is known
 * @throws ErfitError where the node's output would be too large
 */
export function requireSize(node: GraphNode, read: (index: number) => Tensor | undefined): void {
  const count = elements[node.op]?.({
    shape: (index) => read(index)?.shape ?? [],
    numbers: (index) => Array.from(read(index)?.dataSync() ?? [], Number),
  });
  if (count !== undefined && !(count <= mostElements))
    throw new ErfitError(
      `node "${node.name}" (${node.op}) would make ${count} elements; erfit takes ${mostElements}`,
    );
}

/** @throws ErfitError where it is too large */
export function requireSizeOf(node: GraphNode, { size }: Tensor): void {
  if (size > mostElements) throw new ErfitError(`node "${node.name}" (${node.op}) makes ${size} elements`);
}

/** Operators that TF.js runs one by one and asynchronously, without a record of their gradient; and why it does so. */
const untaken: readonly (readonly [operators: RegExp, why: string])[] = [
  [
    /^(Switch|Merge|Enter|Exit|NextIteration|LoopCond|(Stateless)?(If|While))$/,
    "TF.js has no gradient of control flow",
  ],
  [/^Tensor(Array|List)/, "TF.js has no gradient of lists of tensors"],
  [
    /^(NonMaxSuppressionV\d|Where|ListDiff)$/,
    "the number of its results depends on the values, and TF.js has no gradient of it",
  ],
  [/^(HashTable|LookupTable)/, "TF.js has no gradient of tables"],
  [/^Placeholder$/, "it is another input, and erfit gives a model its image alone"],
];

/** @throws ErfitError where TF.js computes a node in no way that has a gradient, or it is another input */
export function refuseUntaken({ name, op }: GraphNode): void {
  const why = untaken.find(([operators]) => operators.test(op))?.[1];
  if (why !== undefined) throw new ErfitError(`node "${name}" is a ${op}: ${why}`);
}
