import type { NodeOf, Value } from "../../graph/graph.ts";
import type { Rewrite, Surroundings } from "./rewrite.ts";

/** One row that is added into zeros, at a constant place along axis 0. */
interface PlacedRow {
  readonly row: Value;
  readonly place: number;
  readonly extent: number;
}

/** Whether a value is a scalar zero, repeated. */
function isZero(value: Value | null | undefined, { producer, elements }: Surroundings): boolean {
  const node = producer(value);
  const [number] = node?.op === "Expand" ? node.inputs : [];
  const tensor = number == null ? undefined : elements(number);
  return tensor?.data.length === 1 && Number(tensor.data[0]) === 0;
}

function placedRow(node: NodeOf<"ScatterND">, around: Surroundings): PlacedRow | undefined {
  const [zeros, indices, row] = node.inputs;
  const [extent] = node.outputs[0].shape;
  const reshape = around.producer(indices);
  const [index] = reshape?.op === "Reshape" ? reshape.inputs : [];
  const places = index === undefined ? undefined : around.elements(index)?.data;
  if (row.shape[0] !== 1 || extent === undefined || places?.length !== 1 || !isZero(zeros, around))
    return undefined;
  const place = Number(places[0]);
  return { row, place: place < 0 ? place + extent : place, extent };
}

/**
 * Gather's pullback scatters: one row that was picked by a constant index comes back as a Pad, without moving its axis to the
 * front and back. An unrolled scan picks a row for each step, and a class token is one.
 */
export const padPickedRow: Rewrite = (g, node, around) => {
  if (node.op !== "Transpose") return undefined;
  const [output] = node.outputs;
  const scatter = around.producer(node.inputs[0]);
  const placed = scatter?.op === "ScatterND" ? placedRow(scatter, around) : undefined;
  const moved = around.producer(placed?.row);
  const [flat] = moved?.op === "Transpose" ? moved.inputs : [];
  const axis = node.attributes.perm.indexOf(0);
  if (placed === undefined || flat?.shape[axis] !== 1) return undefined;
  const { place, extent } = placed;
  const along = (amount: number) => output.shape.map((_, k) => (k === axis ? amount : 0));
  return [g.pad(flat, along(place), along(extent - 1 - place))];
};
