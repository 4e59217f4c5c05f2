import { at } from "./required.ts";
/** Extents of an array, outermost first; row-major (C) order throughout. */
export type Shape = readonly number[];

/** Element types that occur in graphs, with the typed array that holds each. `bool` is one byte an element. */
export interface TypedArrays {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly int8: Int8Array;
  readonly uint8: Uint8Array;
  readonly int16: Int16Array;
  readonly uint16: Uint16Array;
  readonly int32: Int32Array;
  readonly uint32: Uint32Array;
  readonly int64: BigInt64Array;
  readonly uint64: BigUint64Array;
  readonly bool: Uint8Array;
}
export type DType = keyof TypedArrays;

/** A dense row-major array; a union over element types that narrows on `dtype`. */
export type Tensor<D extends DType = DType> = {
  readonly [K in D]: { readonly dtype: K; readonly shape: Shape; readonly data: TypedArrays[K] };
}[D];

/** A two-dimensional real map, `[height, width]`, row-major: an ERF, a CAM grid. A contiguous `ndarray` is one. */
export interface RealMap {
  readonly shape: readonly [height: number, width: number];
  readonly data: Float64Array;
}

export const sizeOf = (shape: Shape): number => shape.reduce((product, extent) => product * extent, 1);

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((extent, axis) => extent === b[axis]);

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--)
    strides[axis] = at(strides, axis + 1) * at(shape, axis + 1);
  return strides;
}

export const float32 = (shape: Shape, data: Float32Array | readonly number[]): Tensor<"float32"> => ({
  dtype: "float32",
  shape,
  data: data instanceof Float32Array ? data : Float32Array.from(data),
});

export const int64 = (shape: Shape, values: readonly number[]): Tensor<"int64"> => ({
  dtype: "int64",
  shape,
  data: BigInt64Array.from(values, BigInt),
});

/** Elements as plain numbers, whatever the element type. */
export function numbersOf(tensor: Tensor): number[] {
  return Array.from(tensor.data as ArrayLike<number | bigint>, Number);
}

export const realMap = (height: number, width: number, data: Float64Array): RealMap => ({
  shape: [height, width],
  data,
});

/** The shape that NumPy broadcasting gives. Throws where extents disagree. */
export function broadcastShapes(shapes: readonly Shape[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const extents = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const extent = extents.find((candidate) => candidate !== 1) ?? 1;
    if (extents.some((candidate) => candidate !== 1 && candidate !== extent)) {
      throw new Error(
        `shapes ${shapes.map((shape) => `[${shape.join(",")}]`).join(" and ")} do not broadcast`,
      );
    }
    return extent;
  });
}

/** Axes of `wide` along which a value of shape `narrow` was repeated: the ones that its cotangent is summed over. */
export function broadcastAxes(narrow: Shape, wide: Shape): number[] {
  const offset = wide.length - narrow.length;
  return wide.flatMap((extent, axis) =>
    axis < offset || (narrow[axis - offset] === 1 && extent !== 1) ? [axis] : [],
  );
}
