import type { NodeProto, TypeProto } from "onnx-buf";
import { ErfitError } from "../../math/error.ts";
import { sizeOf, type DType, type Shape } from "../../math/tensor.ts";
import type { DataPath } from "./data-path.ts";
import { dtypeOf } from "../file/element-type.ts";
import type { FileGraph } from "../file/file-graph.ts";
import type { ImageInput } from "./image-input.ts";
import type { InferredType, Runtime } from "../runtime.ts";
import { BoundedPart } from "./bounded.ts";
import { inferredTypes } from "./inference.ts";

interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}
export type TensorTypes = ReadonlyMap<string, TensorType>;

/** A recorded type, where it is complete once the batch size is 1. */
function recordedType(type: TypeProto | undefined, batchSymbol: string | undefined): TensorType | undefined {
  if (type?.value.case !== "tensorType") return undefined;
  const { elemType, shape } = type.value.value;
  const dtype = dtypeOf(elemType);
  const extents = shape?.dim.map(({ value }) => {
    if (value.case === "dimValue" && value.value >= 0n) return Number(value.value);
    return value.case === "dimParam" && value.value === batchSymbol ? 1 : undefined;
  });
  if (dtype === undefined || extents === undefined) return undefined;
  const known = extents.filter((extent) => extent !== undefined);
  return known.length === extents.length ? { dtype, shape: known } : undefined;
}

/** More elements than this in one tensor is no network's: 8 GiB of floats. */
const mostElements = 2 ** 31;

/** @throws ErfitError where the nodes cannot make the shape that the file records */
function checkRecorded(
  file: string,
  name: string,
  recorded: TensorType,
  inferred: InferredType | null | undefined,
): void {
  if (inferred == null) return;
  const { dtype, shape } = inferred;
  const fits =
    recorded.dtype === dtype &&
    recorded.shape.length === shape.length &&
    shape.every((extent, axis) => extent === null || extent === recorded.shape[axis]);
  if (fits) return;
  const words = (type: InferredType): string =>
    `${type.dtype ?? "no numbers"}[${type.shape.map((extent) => extent ?? "?").join(",")}]`;
  throw new ErfitError(
    `${file}: records tensor "${name}" as ${words(recorded)}, and its nodes make ${words(inferred)}`,
    { remedy: "export the model again, or remove its value_info" },
  );
}

/** Types of the data path; `problem` is what the runtime says against nodes of which the file records types. */
interface FoundTypes {
  readonly types: TensorTypes;
  readonly problem: Error | undefined;
  /** Where the image decides the size of an output: the part of the graph that has static shapes, and where it ends. */
  readonly narrowed: { readonly graph: FileGraph; readonly before: NodeProto } | undefined;
}

/**
 * Element type and shape of every tensor that depends on the image: as the exporter recorded them where that is
 * complete, the file's own input shape stands and the nodes agree, otherwise as the runtime infers them (DESIGN, decision 3).
 */
export async function tensorTypes(
  graph: FileGraph,
  path: DataPath,
  image: ImageInput,
  runtime: Runtime,
): Promise<FoundTypes> {
  const { value, symbolic, batchSymbol } = image;
  const names = path.nodes.flatMap((node) => node.output);
  const types = new Map<string, TensorType>([[value.name, { dtype: value.dtype, shape: value.shape }]]);
  for (const name of names) {
    const type = symbolic ? undefined : recordedType(graph.recorded.get(name), batchSymbol);
    if (type !== undefined) types.set(name, type);
  }
  const purpose = "find the shapes of its tensors";
  let problem: Error | undefined;
  let narrowed: FoundTypes["narrowed"];
  if (names.every((name) => types.has(name))) {
    const part = { nodes: graph.nodes, inputs: [value], constants: [] };
    try {
      const inferred = await inferredTypes(graph, part, runtime, purpose);
      for (const [name, type] of types) checkRecorded(graph.file, name, type, inferred.get(name));
    } catch (thrown) {
      if (!(thrown instanceof ErfitError)) throw thrown;
      problem = thrown;
    }
  } else {
    const part = new BoundedPart(graph, value, new Map(), runtime, purpose);
    const inferred = await part.types();
    if (part.sizedByImage !== undefined) narrowed = { graph: part.graph, before: part.sizedByImage };
    for (const name of narrowed === undefined ? names : inferred.keys()) {
      const type = inferred.get(name);
      if (type?.dtype === undefined) types.delete(name);
      else types.set(name, { dtype: type.dtype, shape: type.shape });
    }
  }
  for (const [name, { shape }] of types) {
    if (sizeOf(shape) > mostElements || shape.some((extent) => extent < 0))
      throw new ErfitError(`${graph.file}: tensor "${name}" has the impossible shape [${shape.join(",")}]`);
  }
  return { types, problem, narrowed };
}
