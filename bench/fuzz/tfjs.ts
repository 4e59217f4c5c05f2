import { absurdNumbers, type Dice } from "./dice.ts";
import { mutatedJson } from "./json.ts";

/** Changes of a model.json that know what TF.js makes of it. */

type Nodes = { name: string; op: string; input: string[]; attr: Record<string, unknown> }[];

/** Nodes that take sizes from a constant, and which input that is. */
const sizers = [
  ["Fill", 0],
  ["BroadcastTo", 1],
  ["Tile", 1],
  ["ResizeBilinear", 1],
  ["ResizeNearestNeighbor", 1],
  ["PadV2", 1],
  ["OneHot", 1],
  ["RandomUniform", 0],
  ["ScatterNd", 2],
] as const;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** Puts a node that asks for much behind another one; its size is a weight that takes the bytes of one that is there. */
function addBomb(nodes: Nodes, weights: Record<string, unknown>[], dice: Dice): void {
  const [op, position] = dice.pick(sizers) ?? ["Fill", 0];
  const victim = dice.pick(nodes.filter(({ input }) => input.length > 0));
  const [x = ""] = victim?.input ?? [];
  const taken = dice.pick(weights.filter(({ dtype }) => dtype === "float32"));
  if (victim === undefined || taken === undefined) return;
  const input = [x, x, x].slice(0, Math.max(2, position + 1));
  input[position] = typeof taken["name"] === "string" ? taken["name"] : "";
  taken["dtype"] = "int32"; // random bits as sizes
  if (dice.often(0.5)) taken["shape"] = [dice.pick(absurdNumbers) ?? 0];
  nodes.push({ name: "bomb", op, input, attr: { T: { type: "DT_FLOAT" } } });
  victim.input[0] = "bomb";
}

export function mutatedTfjs(bytes: Uint8Array, dice: Dice): Uint8Array {
  if (dice.often(0.7)) return mutatedJson(bytes, dice);
  const json: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (!isObject(json)) return bytes;
  const { modelTopology, weightsManifest } = json;
  const nodes = isObject(modelTopology) ? modelTopology["node"] : undefined;
  const group: unknown = Array.isArray(weightsManifest) ? weightsManifest[0] : undefined;
  const weights = isObject(group) ? group["weights"] : undefined;
  if (!Array.isArray(nodes) || !Array.isArray(weights)) return mutatedJson(bytes, dice);
  addBomb(nodes as Nodes, weights as Record<string, unknown>[], dice); // as this file's twins write them
  return new TextEncoder().encode(JSON.stringify(json));
}
