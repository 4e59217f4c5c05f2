import { ErfitError } from "./error.ts";
import { notNpy } from "./foreign-files.ts";
import { realMap, sizeOf, stridesOf, type DType, type RealMap, type Shape, type Tensor } from "./tensor.ts";

/** NumPy's own array file: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);
const alignment = 64;

const hostIsLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

interface ElementType {
  readonly bytes: number;
  /** Wraps row-major elements in the host's byte order. */
  readonly tensor: (shape: Shape, buffer: ArrayBuffer) => Tensor;
}

/** Element types by NumPy's code without the byte order. float16 has no typed array in Node 20: it is read as float32. */
const elementTypes: Readonly<Record<string, ElementType>> = {
  f2: {
    bytes: 2,
    tensor: (shape, buffer) => ({
      dtype: "float32",
      shape,
      data: Float32Array.from(new Uint16Array(buffer), halfToNumber),
    }),
  },
  f4: { bytes: 4, tensor: (shape, buffer) => ({ dtype: "float32", shape, data: new Float32Array(buffer) }) },
  f8: { bytes: 8, tensor: (shape, buffer) => ({ dtype: "float64", shape, data: new Float64Array(buffer) }) },
  i1: { bytes: 1, tensor: (shape, buffer) => ({ dtype: "int8", shape, data: new Int8Array(buffer) }) },
  u1: { bytes: 1, tensor: (shape, buffer) => ({ dtype: "uint8", shape, data: new Uint8Array(buffer) }) },
  i2: { bytes: 2, tensor: (shape, buffer) => ({ dtype: "int16", shape, data: new Int16Array(buffer) }) },
  u2: { bytes: 2, tensor: (shape, buffer) => ({ dtype: "uint16", shape, data: new Uint16Array(buffer) }) },
  i4: { bytes: 4, tensor: (shape, buffer) => ({ dtype: "int32", shape, data: new Int32Array(buffer) }) },
  u4: { bytes: 4, tensor: (shape, buffer) => ({ dtype: "uint32", shape, data: new Uint32Array(buffer) }) },
  i8: { bytes: 8, tensor: (shape, buffer) => ({ dtype: "int64", shape, data: new BigInt64Array(buffer) }) },
  u8: { bytes: 8, tensor: (shape, buffer) => ({ dtype: "uint64", shape, data: new BigUint64Array(buffer) }) },
  b1: { bytes: 1, tensor: (shape, buffer) => ({ dtype: "bool", shape, data: new Uint8Array(buffer) }) },
};

const codes: Readonly<Record<DType, string>> = {
  float32: "<f4",
  float64: "<f8",
  int8: "|i1",
  uint8: "|u1",
  int16: "<i2",
  uint16: "<u2",
  int32: "<i4",
  uint32: "<u4",
  int64: "<i8",
  uint64: "<u8",
  bool: "|b1",
};

/**
 * The array in a .npy file, format versions 1 to 3, in row-major order and the host's byte order whatever the file has.
 * Nothing is allocated before the file's length has borne out its header.
 * @param name how to call the file in an error
 * @throws ErfitError if the file is not .npy, is cut short or too long, or holds objects, text or complex numbers
 */
export function readNpy(bytes: Uint8Array, name: string): Tensor {
  const header = parseHeader(bytes, name);
  const { element, shape } = header;
  const expected = sizeOf(shape) * element.bytes;
  const found = bytes.length - header.end;
  if (expected !== found)
    throw new ErfitError(
      `${name}: shape [${shape.join(", ")}] needs ${expected} bytes of elements, found ${found}`,
      { remedy: found < expected ? "The file is cut short: write it again." : "Save one array a file." },
    );
  const elements = new Uint8Array(bytes.subarray(header.end));
  if (header.bigEndian === hostIsLittleEndian) swapBytes(elements, element.bytes);
  const rowMajor = header.fortranOrder ? fromFortranOrder(elements, shape, element.bytes) : elements;
  return element.tensor(shape, rowMajor.buffer);
}

/** A .npy file, version 1.0, little-endian, row-major. */
export function writeNpy(tensor: Tensor): Uint8Array {
  const { shape, data } = tensor;
  const tuple = shape.length === 1 ? `${shape.join()},` : shape.join(", ");
  const dictionary = `{'descr': '${codes[tensor.dtype]}', 'fortran_order': False, 'shape': (${tuple}), }`;
  const start = magic.length + 4;
  const end = Math.ceil((start + dictionary.length + 1) / alignment) * alignment;
  const text = dictionary.padEnd(end - start - 1) + "\n";

  const file = new Uint8Array(end + data.byteLength);
  file.set(magic);
  file.set([1, 0, text.length & 0xff, text.length >> 8], magic.length);
  file.set(new TextEncoder().encode(text), start);
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), end);
  if (!hostIsLittleEndian) swapBytes(file.subarray(end), data.BYTES_PER_ELEMENT);
  return file;
}

/** Any real array that is a map, possibly with further axes of extent 1 (`[1, 1, h, w]`, `[h, w, 1]`), in float64. */
export function readMap(bytes: Uint8Array, name: string): RealMap {
  const { shape, data } = readNpy(bytes, name);
  const [height, width, ...further] = squeezed(shape);
  if (height === undefined || width === undefined || further.length > 0) throw noMap(name, shape);
  return realMap(height, width, data instanceof Float64Array ? data : Float64Array.from(data, Number));
}

/** Without axes of extent 1, the first ones first, while there are more than two. */
function squeezed(shape: Shape): Shape {
  const one = shape.length > 2 ? shape.indexOf(1) : -1;
  return one < 0 ? shape : squeezed(shape.toSpliced(one, 1));
}

function noMap(name: string, shape: Shape): ErfitError {
  const found = `${name}: expected a map [height, width], found shape [${shape.join(", ")}]`;
  const colors = [3, 4].includes(shape.at(-1) ?? 0) || [3, 4].includes(shape.at(-3) ?? 0);
  if (shape.length === 3 && colors)
    return new ErfitError(`${found}, which reads as a color image`, {
      remedy: "Save the values of the map before a color map is applied, or one channel of a gradient.",
    });
  return new ErfitError(
    found,
    shape.length > 2
      ? { remedy: "Save one map: of several photographs, their sum or mean." }
      : { remedy: "Save the map with its rows and columns." },
  );
}

export const writeMap = ({ shape, data }: RealMap): Uint8Array => writeNpy({ dtype: "float64", shape, data });

interface Header {
  readonly element: ElementType;
  readonly bigEndian: boolean;
  readonly fortranOrder: boolean;
  readonly shape: Shape;
  /** Where the elements begin. */
  readonly end: number;
}

function parseHeader(bytes: Uint8Array, name: string): Header {
  if (!magic.every((byte, i) => bytes[i] === byte)) throw notNpy(bytes, name);
  const version = bytes[6] ?? 0;
  if (version < 1 || version > 3)
    throw new ErfitError(`${name}: .npy format version ${version}; versions 1 to 3 are known`);
  const lengthBytes = version === 1 ? 2 : 4;
  const start = magic.length + 2 + lengthBytes;
  if (bytes.length < start) throw cutShort(name);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = start + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (end > bytes.length) throw cutShort(name);

  // A Python dictionary literal with three known keys. It is matched, never evaluated.
  const text = new TextDecoder().decode(bytes.subarray(start, end));
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const tuple = /'shape'\s*:\s*\(([\dL,\s]*)\)/.exec(text)?.[1];
  const [, byteOrder, code] = /^([<>|=])(\w+)$/.exec(descr ?? "") ?? [];
  if (order === undefined || tuple === undefined)
    throw new ErfitError(`${name}: unreadable .npy header: ${text.slice(0, 80).trim()}`);
  const element = code !== undefined && Object.hasOwn(elementTypes, code) ? elementTypes[code] : undefined;
  if (element === undefined) throw unreadableElements(name, descr);
  const shape = tuple
    .split(",")
    .flatMap((extent) => (extent.trim() === "" ? [] : [Number.parseInt(extent, 10)]));
  return { element, bigEndian: byteOrder === ">", fortranOrder: order === "True", shape, end };
}

/** Kinds of elements that are no real numbers, by the first letters of NumPy's code, and how they become some. */
const otherElements: readonly (readonly [code: RegExp, kind: string, remedy: string])[] = [
  [
    /^\W?V2$|bfloat16/,
    "two raw bytes, as NumPy writes bfloat16",
    "Save it as float32: erf.astype(np.float32).",
  ],
  [/^\W?V1$|float8/, "one raw byte, as NumPy writes float8", "Save it as float32: erf.astype(np.float32)."],
  [/^\W?c/, "complex numbers", "Save the part or the magnitude that is meant: np.abs(erf)."],
  [
    /^\W?O/,
    "Python objects, which are pickled code",
    "Save it as numbers: np.asarray(erf, dtype=np.float32).",
  ],
  [
    /^\W?[fg]/,
    "floating-point numbers of this machine's own width",
    "Save it as float64: erf.astype(np.float64).",
  ],
  [/^\W?[USa]/, "text", "Save it as numbers: erf.astype(np.float64)."],
  [/^\W?[Mm]/, "dates or durations", "Save the map's values."],
];

function unreadableElements(name: string, descr: string | undefined): ErfitError {
  const [, kind, remedy] = otherElements.find(([code]) => descr !== undefined && code.test(descr)) ?? [];
  return new ErfitError(
    `${name}: elements of type ${descr ?? "record"}${kind === undefined ? "" : ` (${kind})`}; expected real numbers or booleans`,
    { remedy: remedy ?? `Known types: ${Object.keys(elementTypes).join(", ")}.` },
  );
}

const cutShort = (name: string): ErfitError =>
  new ErfitError(`${name}: the file is cut short within its .npy header`, { remedy: "Write it again." });

function swapBytes(bytes: Uint8Array, width: number): void {
  for (let i = 0; i < bytes.length; i += width) bytes.subarray(i, i + width).reverse();
}

/** Reorders column-major elements of `width` bytes to row-major ones. */
function fromFortranOrder(source: Uint8Array, shape: Shape, width: number): Uint8Array<ArrayBuffer> {
  const target = new Uint8Array(source.length);
  const strides = stridesOf([...shape].reverse()).reverse();
  const index = new Array<number>(shape.length).fill(0);
  // Hot loop: indices are in range by construction.
  for (let offset = 0; offset < target.length; offset += width) {
    const from = index.reduce((sum, i, axis) => sum + i * (strides[axis] ?? 0), 0) * width;
    for (let byte = 0; byte < width; byte++) target[offset + byte] = source[from + byte] ?? 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] ?? 0) + 1;
      if ((index[axis] ?? 0) < (shape[axis] ?? 0)) break;
      index[axis] = 0;
    }
  }
  return target;
}

/** IEEE 754 binary16: one sign bit, five of exponent, ten of fraction. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = (bits & 0x3ff) / 1024;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * 2 ** -14 * fraction : sign * 2 ** (exponent - 15) * (1 + fraction);
}
