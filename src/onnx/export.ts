import { create } from "@bufbuild/protobuf";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
} from "onnx-buf";
import type { Graph, Node, NodeOf, Value } from "../graph/graph.ts";
import type { Op } from "../graph/operators.ts";
import { ErfitError } from "../core/error.ts";
import type { Tensor } from "../core/tensor.ts";
import type { Form, Operand } from "./exporters/form.ts";
import { exporters } from "./exporters/table.ts";
import { isOpaquePayload, survivesExport } from "./importers/opaque.ts";
import { nameOf, withNode } from "./file/node.ts";
import { movedOut } from "./file/external-data.ts";
import { declared, encodeModel } from "./file/wire.ts";
import { writeTensor } from "./file/tensors.ts";

const irVersion = 10n;

/** The opset that the exporters' table writes; the file names a newer one where an opaque node comes from one. */
const opset = 20;

/** Names for the small tensors that operators take as inputs (axes, shapes): equal ones are written once. */
function smallTensors(taken: (name: string) => boolean) {
  const written = new Map<string, TensorProto>();
  return {
    nameOf(tensor: Tensor): string {
      let name = `${tensor.dtype}[${tensor.shape.join(",")}]{${Array.from<number | bigint>(tensor.data).join(",")}}`;
      while (taken(name)) name += "'";
      if (!written.has(name)) written.set(name, writeTensor(name, tensor));
      return name;
    },
    all: () => [...written.values()],
  };
}

const formOf = <K extends Exclude<Op, "Opaque">>(node: NodeOf<K>): Form =>
  exporters[node.op](node.attributes, node);

const isTensor = (operand: Value | Tensor): operand is Tensor => "data" in operand;

/** What a file states about itself; nothing computes with it. */
interface ModelNotes {
  /** Version of erfit, the producer. */
  readonly producerVersion?: string;
  readonly docString?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A model in the parts that its file is put together from. */
interface Parts {
  readonly model: ModelProto;
  readonly graph: GraphProto;
  readonly constants: Graph["constants"];
  /** Axes, shapes and other small arguments of operators. */
  readonly arguments: readonly TensorProto[];
}

/**
 * A graph as the bytes of an ONNX file (opset 20, or the newest that an opaque node needs).
 *
 * Constants become initializers; their memory is copied once, into the file. Inputs and outputs carry static types, and
 * nodes are named after their first output. `notes` are what the file states about itself.
 * @throws ErfitError for an opaque node of an old opset whose form has no place in the new one.
 */
export function exportModel(graph: Graph, notes: ModelNotes = {}): Uint8Array {
  const parts = partsOf(graph, notes);
  const constants = [...parts.constants].map(([name, tensor]) => writeTensor(name, tensor));
  return encodeModel(parts.model, parts.graph, [...constants, ...parts.arguments]);
}

/**
 * The same as two files: the model, and its large constants, which lie in a file named `location` beside it. A runtime maps
 * that file into memory, once for all of its sessions.
 */
export function exportWithWeights(
  graph: Graph,
  location: string,
): { readonly model: Uint8Array; readonly weights: Iterable<Uint8Array> } {
  const parts = partsOf(graph);
  const { initializers, chunks } = movedOut(parts.constants, location);
  return {
    model: encodeModel(parts.model, parts.graph, [...initializers, ...parts.arguments]),
    weights: chunks,
  };
}

function partsOf(graph: Graph, { metadata = {}, ...written }: ModelNotes = {}): Parts {
  const names = new Set([
    ...graph.inputs.map(({ name }) => name),
    ...graph.constants.keys(),
    ...graph.nodes.flatMap(({ outputs }) => outputs.map(({ name }) => name)),
  ]);
  const small = smallTensors((name) => names.has(name));
  const opsets = new Map<string, number>([["", opset]]);

  const inputName = (operand: Operand): string => {
    if (operand === null) return "";
    return isTensor(operand) ? small.nameOf(operand) : operand.name;
  };

  function opaqueNode({ attributes: { domain, opType, payload }, ...node }: NodeOf<"Opaque">): NodeProto {
    if (!isOpaquePayload(payload)) throw new Error(`${opType} was not read from an ONNX file`);
    if (!survivesExport(payload)) {
      throw new ErfitError(
        `${nameOf(payload.node)} has a form of opset ${payload.version} that erfit cannot write anew`,
        {
          remedy: "choose a layer before that node, or export the model with a newer opset",
        },
      );
    }
    opsets.set(domain, Math.max(opsets.get(domain) ?? 0, payload.version));
    return withNode(payload.node, {
      input: payload.node.input.map((_, index) => inputName(node.inputs[index] ?? null)),
      output: node.outputs.map(({ name }) => name),
    });
  }

  function plainNode(node: Exclude<Node, NodeOf<"Opaque">>): NodeProto {
    const { domain = "", attributes = [], operands = node.inputs } = formOf(node);
    if (domain !== "") opsets.set(domain, Math.max(opsets.get(domain) ?? 0, 1));
    const input = operands.map(inputName);
    return create(NodeProtoSchema, {
      name: node.outputs[0].name,
      opType: node.op,
      domain,
      input: input.slice(0, input.findLastIndex((name) => name !== "") + 1),
      output: node.outputs.map(({ name }) => name),
      attribute: [...attributes],
    });
  }

  const nodes = graph.nodes.map((node) => (node.op === "Opaque" ? opaqueNode(node) : plainNode(node)));
  return {
    model: create(ModelProtoSchema, {
      irVersion,
      producerName: "erfit",
      ...written,
      opsetImport: [...opsets].map(([domain, version]) =>
        create(OperatorSetIdProtoSchema, { domain, version: BigInt(version) }),
      ),
      metadataProps: Object.entries(metadata).map(([key, value]) =>
        create(StringStringEntryProtoSchema, { key, value }),
      ),
    }),
    graph: create(GraphProtoSchema, {
      name: "erfit",
      node: nodes,
      input: graph.inputs.map(declared),
      output: graph.outputs.map(declared),
    }),
    constants: graph.constants,
    arguments: small.all(),
  };
}
