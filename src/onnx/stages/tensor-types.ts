import type { TypeProto } from "onnx-buf";
import type { Value } from "../../graph/graph.ts";
import { sizeOf, type DType, type Shape, type Tensor } from "../../math/tensor.ts";
import type { DataPath } from "./data-path.ts";
import { dtypeOf } from "../file/element-type.ts";
import type { FileGraph } from "../file/file-graph.ts";
import type { ImageInput } from "./image-input.ts";
import type { RunModel } from "../runtime.ts";
import { subModel } from "../file/sub-model.ts";

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

const zeros = ({ shape }: Value): Tensor => ({
  dtype: "float32",
  shape,
  data: new Float32Array(sizeOf(shape)),
});

/**
 * Element type and shape of every tensor that depends on the image: as the exporter recorded them where that is
 * complete and the file's own input shape stands, otherwise as one run of the model shows them (DESIGN, decision 3).
 */
export async function tensorTypes(
  graph: FileGraph,
  path: DataPath,
  image: ImageInput,
  run: RunModel,
): Promise<TensorTypes> {
  const { value, symbolic, batchSymbol } = image;
  const names = path.nodes.flatMap((node) => node.output);
  const types = new Map<string, TensorType>([[value.name, { dtype: value.dtype, shape: value.shape }]]);
  for (const name of names) {
    const type = symbolic ? undefined : recordedType(graph.recorded.get(name), batchSymbol);
    if (type !== undefined) types.set(name, type);
  }
  if (names.every((name) => types.has(name))) return types;
  const model = subModel(graph, { nodes: graph.nodes, inputs: [value], outputs: names });
  const tensors = await run(model, { [value.name]: zeros(value) }, "find the shapes of its tensors");
  // Types alone: the activations themselves may be freed.
  for (const [name, { dtype, shape }] of Object.entries(tensors)) types.set(name, { dtype, shape });
  return types;
}
