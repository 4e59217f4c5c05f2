import type { GraphProto, ModelProto, NodeProto } from "onnx-buf";
import { ErfitError } from "../../math/error.ts";
import { attributesOf, type Attributes } from "./attributes.ts";
import { domainOf, subgraphsOf } from "./scope.ts";
import { nameOf } from "./topology.ts";

/**
 * Forms that ONNX Runtime 1.30 does not refuse when it loads a model: they end the process, by a division by zero or by
 * reading elsewhere. Found by running every operator with attributes that make no sense.
 */
type Form = (attributes: Attributes) => string | undefined;

const atLeastOne =
  (...names: readonly string[]): Form =>
  ({ int }) => {
    const wrong = names.find((name) => !(int(name, 1) >= 1));
    return wrong === undefined ? undefined : `has ${wrong} ${int(wrong, 1)}, expected 1 or more`;
  };

/** Every letter behind the arrow, and the dots, stand for axes that an operand has. */
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

function checkNode(node: NodeProto, file: string): void {
  const form = domainOf(node) === "" ? forms[node.opType] : undefined;
  const problem = form?.(attributesOf(node));
  if (problem !== undefined) throw new ErfitError(`${file}: ${nameOf(node)} ${problem}`);
}

function checkGraph({ node: nodes }: GraphProto, file: string): void {
  for (const node of nodes) {
    checkNode(node, file);
    for (const inner of subgraphsOf(node)) checkGraph(inner, file);
  }
}

/** @throws ErfitError that names the node whose attributes would end the process */
export const checkForms = ({ graph }: ModelProto, file: string): void => {
  if (graph !== undefined) checkGraph(graph, file);
};
