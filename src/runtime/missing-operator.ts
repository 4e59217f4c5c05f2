import { decodeModel } from "../onnx/file/wire.ts";

/** ONNX Runtime's words: "my.domain:Operator(-1) is not a registered function/op". */
const unregistered = /([\w.]*):(\w+)\(-?\d+\) is not a registered function\/op/;

/**
 * ONNX Runtime names an operator that it does not have, but not the node, by which a user finds it in the network.
 * @param words the runtime's complaint about the model; undefined where it complains of something else
 */
export function missingOperator(model: Uint8Array, words: string): string | undefined {
  const [, domain = "", opType] = unregistered.exec(words) ?? [];
  if (opType === undefined) return undefined;
  const node = decodeModel(model, "the model").graph?.node.find(
    (candidate) => candidate.opType === opType && (candidate.domain || "ai.onnx") === domain,
  );
  const where = node === undefined ? "" : ` of node "${node.name || (node.output[0] ?? "")}"`;
  return `operator ${domain}::${opType}${where} is not one that ONNX Runtime has: the model cannot be run`;
}
