import { isMessage } from "@bufbuild/protobuf";
import { NodeProtoSchema, type NodeProto } from "onnx-buf";
import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { int64, type Tensor } from "../../core/tensor.ts";
import type { FileNode } from "./file-node.ts";
import { domainOf, withNode } from "../file/node.ts";

/** What an Opaque node of the graph carries: the file's node, and the version of its operator set. */
export interface OpaquePayload {
  readonly node: NodeProto;
  readonly version: number;
}

export function isOpaquePayload(payload: unknown): payload is OpaquePayload {
  if (typeof payload !== "object" || payload === null) return false;
  return (
    "node" in payload &&
    isMessage(payload.node, NodeProtoSchema) &&
    "version" in payload &&
    typeof payload.version === "number"
  );
}

/** An operator that stays as it is, its inputs (and what the graphs inside it read) as the graph's values. */
export function opaque(n: FileNode, g: Builder): readonly Value[] {
  const domain = domainOf(n.proto);
  const { node, constants } = modern(n);
  const payload: OpaquePayload = { node, version: n.opset };
  const attributes = { domain, opType: node.opType, payload };
  return g.apply(
    "Opaque",
    [...n.inputs, ...constants.map((tensor) => g.constant(tensor))],
    attributes,
    n.outputs,
  );
}

/**
 * Opset of the last change that an older node does not survive unaltered, for operators of the default domain that can
 * stay opaque. (Operators that have gone since: none.)
 */
const lastChange: Readonly<Record<string, number>> = {
  BatchNormalization: 9,
  Scan: 9,
  Pad: 11,
  Resize: 11,
  Dropout: 12,
  RoiAlign: 16,
  DFT: 20,
  GridSample: 20,
  Upsample: Infinity,
};

/** Whether a node can be written as it is in the opset that graphs are exported to. */
export const survivesExport = ({ node, version }: OpaquePayload): boolean =>
  domainOf(node) !== "" || version >= (lastChange[node.opType] ?? 0);

/** TopK up to opset 9 has k as an attribute: written as the input that it became. */
function modern(n: FileNode): { readonly node: NodeProto; readonly constants: readonly Tensor[] } {
  const node = n.proto;
  const k = domainOf(node) === "" && node.opType === "TopK" ? n.attributes.numbers("k") : undefined;
  if (k === undefined) return { node, constants: [] };
  const attribute = node.attribute.filter(({ name }) => name !== "k");
  return { node: withNode(node, { attribute, input: [...node.input, "k"] }), constants: [int64([1], k)] };
}
