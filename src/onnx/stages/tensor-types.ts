import type { NodeProto, TypeProto } from "onnx-buf";
import type { Value } from "../../graph/graph.ts";
import { ErfitError } from "../../core/error.ts";
import { sizeOf, type DType, type Shape } from "../../core/tensor.ts";
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

const shapeText = (shape: readonly (number | null)[]): string =>
  `[${shape.map((extent) => extent ?? "?").join(",")}]`;

/** Whether a type that the runtime infers, as far as it goes, can be the recorded one. */
const agrees = (recorded: TensorType, inferred: InferredType | null | undefined): boolean =>
  inferred == null ||
  (recorded.dtype === inferred.dtype &&
    recorded.shape.length === inferred.shape.length &&
    inferred.shape.every((extent, axis) => extent === null || extent === recorded.shape[axis]));

/**
 * Says which recorded shapes the nodes contradict: the runtime drops them, and so does erfit. An element type is another
 * matter: with a wrong one the runtime does not load the model.
 * @throws ErfitError where a recorded element type is not the one that the nodes compute
 */
function contradictions({ file, recorded }: FileGraph, types: TensorTypes): readonly string[] {
  const wrong = [...types].flatMap(([name, { dtype, shape }]) => {
    const stated = recorded.get(name);
    if (stated?.value.case !== "tensorType") return [];
    const { elemType, shape: statedShape } = stated.value.value;
    const statedType = dtypeOf(elemType);
    if (statedType !== undefined && statedType !== dtype) {
      throw new ErfitError(
        `${file}: records tensor "${name}" as ${statedType}, but its nodes compute ${dtype}`,
        { remedy: "export the model again, or remove its value_info" },
      );
    }
    const extents = statedShape?.dim.map(({ value }) =>
      value.case === "dimValue" && value.value >= 0n ? Number(value.value) : null,
    );
    const fits =
      extents === undefined ||
      (extents.length === shape.length &&
        extents.every((extent, axis) => extent === null || extent === shape[axis]));
    return fits
      ? []
      : [`records tensor "${name}" as ${shapeText(extents)}, but its nodes compute ${shapeText(shape)}`];
  });
  const [first] = wrong;
  if (first === undefined) return [];
  const others = wrong.length === 1 ? "" : ` (and ${wrong.length - 1} more recorded shapes are wrong)`;
  return [`${first}${others}: the computed shape is used`];
}

/** Types of the data path; `problem` is what the runtime objects to in nodes of which the file records types. */
interface FoundTypes {
  readonly types: TensorTypes;
  readonly problem: Error | undefined;
  /** What the file records wrongly of these tensors, for the user. */
  readonly remarks: readonly string[];
  /** Where the image decides the size of an output: the part of the graph that has static shapes, and where it ends. */
  readonly narrowed: { readonly graph: FileGraph; readonly before: NodeProto } | undefined;
}

type Found = Omit<FoundTypes, "remarks">;

/** The recorded types, where the file records all of them and the nodes agree. */
async function trustedTypes(
  graph: FileGraph,
  names: readonly string[],
  { value, symbolic, batchSymbol }: ImageInput,
  runtime: Runtime,
): Promise<Found | undefined> {
  const types = new Map<string, TensorType>();
  for (const name of names) {
    const type = symbolic ? undefined : recordedType(graph.recorded.get(name), batchSymbol);
    if (type === undefined) return undefined;
    types.set(name, type);
  }
  try {
    const part = { nodes: graph.nodes, inputs: [value], constants: [] };
    const inferred = await inferredTypes(graph, part, runtime, purpose);
    const trusted = [...types].every(([name, type]) => agrees(type, inferred.get(name)));
    return trusted ? { types, problem: undefined, narrowed: undefined } : undefined;
  } catch (thrown) {
    if (!(thrown instanceof ErfitError)) throw thrown;
    return { types, problem: thrown, narrowed: undefined };
  }
}

const purpose = "find the shapes of its tensors";

/** The types that the runtime infers; what is no tensor of numbers has none. */
async function computedTypes(
  graph: FileGraph,
  names: readonly string[],
  image: Value,
  runtime: Runtime,
): Promise<Found> {
  const part = new BoundedPart(graph, image, new Map(), runtime, purpose);
  const inferred = await part.types();
  const narrowed =
    part.sizedByImage === undefined ? undefined : { graph: part.graph, before: part.sizedByImage };
  const types = new Map<string, TensorType>();
  for (const name of narrowed === undefined ? names : inferred.keys()) {
    const type = inferred.get(name);
    if (type?.dtype !== undefined) types.set(name, { dtype: type.dtype, shape: type.shape });
  }
  return { types, problem: undefined, narrowed };
}

/**
 * Element type and shape of every tensor that depends on the image: as the exporter recorded them where that is
 * complete, the file's own input shape stands and the nodes agree, otherwise as the runtime infers them.
 */
export async function tensorTypes(
  graph: FileGraph,
  path: DataPath,
  image: ImageInput,
  runtime: Runtime,
): Promise<FoundTypes> {
  const { value } = image;
  const names = path.nodes.flatMap((node) => node.output);
  const { types, problem, narrowed } =
    (await trustedTypes(graph, names, image, runtime)) ?? (await computedTypes(graph, names, value, runtime));
  for (const [name, { shape }] of types) {
    if (sizeOf(shape) > mostElements || shape.some((extent) => extent < 0))
      throw new ErfitError(`${graph.file}: tensor "${name}" has the impossible shape [${shape.join(",")}]`);
  }
  const own = { dtype: value.dtype, shape: value.shape };
  return {
    types: new Map([[value.name, own], ...types]),
    problem,
    narrowed,
    remarks: contradictions(graph, types),
  };
}
