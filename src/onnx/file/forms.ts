import { TensorProto_DataType as DataType, type GraphProto, type ModelProto, type NodeProto } from "onnx-buf";
import { ErfitError } from "../../core/error.ts";
import { type Attributes, applies, attributesOf, domainOf, inputOf, nameOf, subgraphsOf } from "./node.ts";
import { typeName } from "./element-type.ts";

/**
 * Forms that ONNX Runtime 1.30 accepts when it loads a model, and that then end the process, by a division by zero or by
 * reading elsewhere. Found by running every operator with attributes that make no sense.
 */
type Form = (attributes: Attributes) => string | undefined;

const atLeastOne =
  (...names: readonly string[]): Form =>
  ({ int }) => {
    const wrong = names.find((name) => !(int(name, 1) >= 1));
    return wrong === undefined ? undefined : `has ${wrong} ${int(wrong, 1)}, expected 1 or more`;
  };

/** Every letter after the arrow, and the dots, stand for axes that an operand has. */
const einsum: Form = ({ text }) => {
  const [operands = "", output] = text("equation", "").replaceAll(" ", "").split("->");
  const absent = Array.from(output ?? "").find((letter) => !operands.includes(letter));
  return absent === undefined
    ? undefined
    : `has the equation "${text("equation", "")}", whose output has an axis "${absent}" that no input has`;
};

const forms: Readonly<Record<string, Form>> = {
  ConvTranspose: atLeastOne("group"),
  Attention: atLeastOne("q_num_heads", "kv_num_heads"),
  Einsum: einsum,
};

/** Domains that ONNX Runtime's optimizer writes and no other program reads, and for what. */
const privateDomains: Readonly<Record<string, string>> = {
  "com.microsoft.nchwc": "the vector width of one processor",
  "com.ms.internal.nhwc": "one execution provider",
};

function checkNode(node: NodeProto, file: string): void {
  const target = Object.hasOwn(privateDomains, node.domain) ? privateDomains[node.domain] : undefined;
  if (target !== undefined) {
    throw new ErfitError(
      `${file}: was saved by ONNX Runtime at optimization level "all" (or "layout"), which lays ${nameOf(node)} out for ${target}`,
      { remedy: 'save it at level "extended" or "basic", or use the model as it was before optimization' },
    );
  }
  const form = domainOf(node) === "" ? forms[node.opType] : undefined;
  const problem = form?.(attributesOf(node));
  if (problem !== undefined) throw new ErfitError(`${file}: ${nameOf(node)} ${problem}`);
}

/** 8-bit and 4-bit floats: activations in these can be neither listed nor fed by the runtime's interface. */
const narrowFloats: readonly number[] = [
  DataType.FLOAT8E4M3FN,
  DataType.FLOAT8E4M3FNUZ,
  DataType.FLOAT8E5M2,
  DataType.FLOAT8E5M2FNUZ,
  DataType.FLOAT8E8M0,
  DataType.FLOAT4E2M1,
];

/** The narrow floats that a node turns its input into, if it does. */
function narrowed(node: NodeProto, types: ReadonlyMap<string, number>): string | undefined {
  if (!applies(node, "Cast", "CastLike", "QuantizeLinear")) return undefined;
  const { int } = attributesOf(node);
  const like = inputOf(node, node.opType === "QuantizeLinear" ? 2 : 1);
  const type = int("to", 0) || int("output_dtype", 0) || (types.get(like) ?? 0);
  return narrowFloats.includes(type) ? typeName(type) : undefined;
}

function checkGraph({ node: nodes, initializer }: GraphProto, file: string): void {
  const types = new Map(initializer.map(({ name, dataType }) => [name, dataType]));
  for (const node of nodes) {
    checkNode(node, file);
    const type = narrowed(node, types);
    if (type !== undefined)
      throw new ErfitError(`${file}: ${nameOf(node)} makes ${type}, which erfit does not compute with`, {
        remedy: "export the float model",
      });
    for (const inner of subgraphsOf(node)) checkGraph(inner, file);
  }
}

/** @throws ErfitError that names a node whose attributes would end the process, or that is tied to one machine */
export const checkForms = ({ graph }: ModelProto, file: string): void => {
  if (graph !== undefined) checkGraph(graph, file);
};
