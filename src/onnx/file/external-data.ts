import { required } from "../../core/required.ts";
import { create } from "@bufbuild/protobuf";
import {
  TensorProto_DataLocation,
  type GraphProto,
  type ModelProto,
  type TensorProto,
  StringStringEntryProtoSchema,
  TensorProtoSchema,
} from "onnx-buf";
import { ErfitError, messageOf } from "../../core/error.ts";
import { sizeOf, type Tensor } from "../../core/tensor.ts";
import { dataTypes, rawSize } from "./element-type.ts";
import { subgraphsOf } from "./node.ts";
import { inMemory, leaveInFile, smallestLeft, type WeightsFile, piecesOf } from "./stored-bytes.ts";
import { writeTensor } from "./tensors.ts";

/** Opens a file that lies in the model's folder; the caller makes sure that it stays there. */
export type ReadExternal = (location: string) => Promise<Uint8Array | WeightsFile>;

/** Every stored tensor of a graph: initializers, attributes of nodes, and those of the graphs inside. */
export function tensorsOf(graph: GraphProto): TensorProto[] {
  const inAttributes = graph.node
    .flatMap((node) => node.attribute)
    .flatMap((attribute) =>
      attribute.t === undefined ? attribute.tensors : [attribute.t, ...attribute.tensors],
    );
  return [...graph.initializer, ...inAttributes, ...graph.node.flatMap(subgraphsOf).flatMap(tensorsOf)];
}

/** The specification wants a relative POSIX path without `..`; a model must not read elsewhere on the disk. */
const leavesFolder = (location: string): boolean =>
  location === "" ||
  /^([/\\]|[A-Za-z]:)/.test(location) ||
  location.split(/[/\\]/).includes("..") ||
  location.includes("\0");

/** `offset` and `length` are decimal numbers in text, both optional (onnx.proto, `external_data`). */
function byteCount(text: string | undefined, fallback: number, at: string, key: string): number {
  if (text === undefined) return fallback;
  const count = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(count)) return count;
  throw new ErfitError(`${at}: ${key} of its external data should be a number of bytes, found "${text}"`);
}

/**
 * Joins the weights that lie in files beside the model to the message. Large initializers stay in their file until they are
 * needed; tensors inside nodes are written out with their nodes, and so have to be there.
 * Changes `model`, which was just decoded and belongs to this import.
 * @throws ErfitError for a path that leaves the model's folder, a missing file, and a part beyond a file's end.
 */
export async function joinExternalData(model: ModelProto, file: string, read: ReadExternal): Promise<void> {
  const external = (model.graph === undefined ? [] : tensorsOf(model.graph)).filter(
    (tensor) => tensor.dataLocation === TensorProto_DataLocation.EXTERNAL,
  );
  const initializers = new Set(model.graph?.initializer);
  const files = new Map<string, WeightsFile>();
  let held = 0;
  for (const tensor of external) {
    const at = `${file}: tensor "${tensor.name}"`;
    const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
    const location = entries.get("location") ?? "";
    if (leavesFolder(location)) {
      throw new ErfitError(`${at} has its data in "${location}": expected a path inside the model's folder`);
    }
    const weights = files.get(location) ?? (await openBeside(location, at, read));
    files.set(location, weights);
    const offset = byteCount(entries.get("offset"), 0, at, "offset");
    const length = byteCount(entries.get("length"), Math.max(0, weights.length - offset), at, "length");
    if (offset + length > weights.length) {
      throw new ErfitError(
        `${at} needs bytes ${offset} to ${offset + length} of ${location}, which has ${weights.length}`,
      );
    }
    if (length >= smallestLeft && initializers.has(tensor)) {
      leaveInFile(tensor, weights, offset, length);
    } else {
      held += length;
      if (held > mostHeld(files))
        throw new ErfitError(`${at}: the model's tensors name the bytes of ${location} again and again`, {
          remedy: "export the model again with its weights as initializers",
        });
      tensor.rawData = new Uint8Array(length);
      weights.read(offset, tensor.rawData);
    }
    tensor.dataLocation = TensorProto_DataLocation.DEFAULT;
    tensor.externalData = [];
  }
}

/**
 * Leaves the large weights that lie in the model's own file there, so that its bytes need not stay in memory.
 * @param bytes the whole file, which `model` was decoded from
 */
export function leaveWeights(model: ModelProto, bytes: Uint8Array, file: WeightsFile): void {
  const initializers = new Set(model.graph?.initializer);
  for (const tensor of model.graph === undefined ? [] : tensorsOf(model.graph)) {
    const { rawData } = tensor;
    if (rawData.buffer !== bytes.buffer) continue;
    const offset = rawData.byteOffset - bytes.byteOffset;
    if (rawData.length < smallestLeft || !initializers.has(tensor)) tensor.rawData = new Uint8Array(rawData);
    else leaveInFile(tensor, file, offset, rawData.length);
  }
}

/** A few tensors may share their bytes; a short file that a thousand of them name is no model. */
const mostHeld = (files: ReadonlyMap<string, WeightsFile>): number =>
  [...files.values()].reduce((sum, { length }) => sum + length, 2 ** 28);

async function openBeside(location: string, at: string, read: ReadExternal): Promise<WeightsFile> {
  try {
    const found = await read(location);
    return found instanceof Uint8Array ? inMemory(found) : found;
  } catch (cause) {
    throw new ErfitError(
      `${at}: its weights should be in ${location} beside the model: ${messageOf(cause)}`,
      {
        remedy: `put ${location} into the model's folder; exporters write it beside the .onnx file`,
        cause,
      },
    );
  }
}

/**
 * Bytes from which on a tensor lies in the other file; mapping smaller ones gains nothing. Integers may be the sizes that
 * shapes are inferred from, and a runtime reads these in the model's own file alone.
 */
const smallest = ({ dtype }: Tensor): number => (dtype === "float32" ? 2 ** 10 : 2 ** 16);

/** Memory is mapped in pages: each tensor begins on one (onnx.proto, `external_data`). */
const page = 4096;

interface MovedOut {
  readonly initializers: readonly TensorProto[];
  /** The other file's bytes, in order; each tensor's are read when their turn comes. */
  readonly chunks: Iterable<Uint8Array>;
}

const byteLength = ({ dtype, shape }: Tensor): number =>
  required(rawSize(dataTypes[dtype], sizeOf(shape)), `width of ${dtype}`);

/** Constants as initializers whose large data lie in a file named `location` beside the model. */
export function movedOut(constants: ReadonlyMap<string, Tensor>, location: string): MovedOut {
  const moved: { readonly offset: number; readonly tensor: Tensor }[] = [];
  let end = 0;
  const initializers = [...constants].map(([name, tensor]) => {
    const length = byteLength(tensor);
    if (length < smallest(tensor)) return writeTensor(name, tensor);
    const offset = Math.ceil(end / page) * page;
    end = offset + length;
    moved.push({ offset, tensor });
    return create(TensorProtoSchema, {
      name,
      dims: tensor.shape.map(BigInt),
      dataType: dataTypes[tensor.dtype],
      dataLocation: TensorProto_DataLocation.EXTERNAL,
      externalData: Object.entries({ location, offset, length }).map(([key, value]) =>
        create(StringStringEntryProtoSchema, { key, value: String(value) }),
      ),
    });
  });
  return { initializers, chunks: laidOut(moved) };
}

function* laidOut(
  tensors: readonly { readonly offset: number; readonly tensor: Tensor }[],
): Generator<Uint8Array, void> {
  let end = 0;
  for (const { offset, tensor } of tensors) {
    if (offset > end) yield new Uint8Array(offset - end);
    yield* piecesOf(tensor);
    end = offset + byteLength(tensor);
  }
}
