import ndarray, { type NdArray } from "ndarray";
import { ErfitError } from "../core/error.ts";
import { realMap, sameShape, sizeOf, stridesOf, type RealMap, type Shape } from "../core/tensor.ts";

/** An array of real numbers with its shape, as an `ndarray` is one; row-major where it names no strides. */
export interface RealArray {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
  readonly stride?: readonly number[];
  readonly offset?: number;
}

/** A map `[height, width]` as a program may give it: an `ndarray`, or its rows. */
export type MapLike = RealArray | readonly ArrayLike<number>[];

/** A map as an `ndarray`, over the same memory. */
export const arrayOf = ({ shape, data }: RealMap): NdArray<Float64Array> => ndarray(data, [...shape]);

/** Elements in row-major order: over the given memory where that is float64, and holds nothing else. */
interface Elements {
  readonly shape: Shape;
  readonly data: Float64Array;
}

const isIndex = (value: unknown): boolean => typeof value === "number" && Number.isInteger(value);

const isArrayLike = (value: unknown): boolean =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

const isRealArray = (given: unknown): given is RealArray =>
  typeof given === "object" &&
  given !== null &&
  "shape" in given &&
  "data" in given &&
  Array.isArray(given.shape) &&
  given.shape.every((extent) => isIndex(extent) && extent >= 0) &&
  isArrayLike(given.data) &&
  (!("stride" in given) || (Array.isArray(given.stride) && given.stride.every(isIndex))) &&
  (!("offset" in given) || isIndex(given.offset));

const isRows = (given: unknown): given is readonly ArrayLike<number>[] =>
  Array.isArray(given) && given.length > 0 && given.every(isArrayLike);

/** Where the elements lie in an array's memory, in row-major order. */
function* places(shape: Shape, stride: readonly number[], offset: number): Generator<number, void> {
  const [extent, ...inner] = shape;
  const [step = 0, ...steps] = stride;
  if (extent === undefined) yield offset;
  else for (let i = 0; i < extent; i++) yield* places(inner, steps, offset + i * step);
}

/**
 * The elements of an array.
 * @param what how errors call it
 * @throws ErfitError where it is no array, an element is missing, or is no number
 */
function elementsOf(
  { shape, data, stride = stridesOf(shape), offset = 0 }: RealArray,
  what: string,
): Elements {
  const size = sizeOf(shape);
  if (
    data instanceof Float64Array &&
    data.length === size &&
    offset === 0 &&
    sameShape(stride, stridesOf(shape))
  )
    return { shape, data };
  const found = new Float64Array(size);
  let next = 0;
  for (const place of places(shape, stride, offset)) {
    const value: unknown = data[place];
    if (typeof value !== "number")
      throw new ErfitError(
        `${what}: shape [${shape.join(", ")}] needs ${size} numbers, found ${value === undefined ? `${data.length} elements` : `one of type ${typeof value}`}`,
      );
    found[next++] = value;
  }
  return { shape, data: found };
}

/** @throws ErfitError where what was given is no array of real numbers */
export function realArray(given: unknown, what: string): Elements {
  if (isRealArray(given)) return elementsOf(given, what);
  throw new ErfitError(`${what}: expected an ndarray, or an object with shape and data`);
}

/** @throws ErfitError where what was given is no map of real numbers */
export function realMapOf(given: unknown, what: string): RealMap {
  if (isRows(given)) return mapOfRows(given, what);
  if (!isRealArray(given))
    throw new ErfitError(`${what}: expected a map [height, width]: an ndarray, or an array of rows`);
  const { shape, data } = elementsOf(given, what);
  const [height, width, ...more] = shape;
  if (height === undefined || width === undefined || more.length > 0 || height * width === 0)
    throw new ErfitError(`${what}: expected a map [height, width], found shape [${shape.join(", ")}]`);
  return realMap(height, width, data);
}

function mapOfRows(rows: readonly ArrayLike<number>[], what: string): RealMap {
  const width = rows[0]?.length ?? 0;
  const uneven = rows.findIndex((row) => row.length !== width);
  if (uneven >= 0 || width === 0)
    throw new ErfitError(
      `${what}: expected rows of one length; row 0 has ${width} numbers, row ${Math.max(uneven, 0)} has ${rows[uneven]?.length ?? 0}`,
    );
  return realMapOf({ shape: [rows.length, width], data: rows.flatMap((row) => Array.from(row)) }, what);
}
