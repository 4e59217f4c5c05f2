import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { at } from "../../core/required.ts";
import { sizeOf } from "../../core/tensor.ts";
import type { Application } from "./pullback.ts";

/** Moves one axis to the front; its inverse moves the front axis back. */
const toFront = (rank: number, axis: number): number[] => [
  axis,
  ...Array.from({ length: rank }, (_, k) => k).filter((k) => k !== axis),
];
const fromFront = (rank: number, axis: number): number[] =>
  toFront(rank, axis).map((_, k) => toFront(rank, axis).indexOf(k));

/** Rows that were picked more than once collect the sum of their cotangents. */
export function gather(
  g: Builder,
  { x: [x, indices], dy, attributes: { axis } }: Application<"Gather">,
): readonly (Value | null)[] {
  const rank = x.shape.length;
  const extent = at(x.shape, axis);
  const before = x.shape.slice(0, axis);
  const after = x.shape.slice(axis + 1);
  const count = sizeOf(indices.shape);
  const flat = g.reshape(dy, [...before, count, ...after]);
  const scattered = g.single(
    "ScatterND",
    [
      g.zeros([extent, ...before, ...after]),
      g.reshape(indices, [count, 1]),
      g.transpose(flat, toFront(rank, axis)),
    ],
    { reduction: "add" },
    dy.dtype,
    [extent, ...before, ...after],
  );
  return [g.transpose(scattered, fromFront(rank, axis)), null];
}

export function gatherElements(
  g: Builder,
  { x: [x, indices], dy, attributes: { axis } }: Application<"GatherElements">,
): readonly (Value | null)[] {
  return [
    g.single(
      "ScatterElements",
      [g.zeros(x.shape), indices, dy],
      { axis, reduction: "add" },
      dy.dtype,
      x.shape,
    ),
    null,
  ];
}

export function gatherND(
  g: Builder,
  { x: [x, indices], dy, attributes }: Application<"GatherND">,
): readonly (Value | null)[] {
  if (attributes.batchDims !== 0) return [];
  return [
    g.single("ScatterND", [g.zeros(x.shape), indices, dy], { reduction: "add" }, dy.dtype, x.shape),
    null,
  ];
}

/** Overwritten elements get nothing; the updates get what was read at their places. */
export function scatterElements(
  g: Builder,
  { x: [x, indices, updates], dy, attributes: { axis, reduction } }: Application<"ScatterElements">,
): readonly (Value | null)[] {
  const dUpdates = g.single("GatherElements", [dy, indices], { axis }, dy.dtype, updates.shape);
  if (reduction === "add") return [dy, null, dUpdates];
  if (reduction !== "none") return [];
  const kept = g.single(
    "ScatterElements",
    [dy, indices, g.zeros(updates.shape)],
    { axis, reduction: "none" },
    dy.dtype,
    x.shape,
  );
  return [kept, null, dUpdates];
}

export function scatterND(
  g: Builder,
  { x: [x, indices, updates], dy, attributes: { reduction } }: Application<"ScatterND">,
): readonly (Value | null)[] {
  const dUpdates = g.single("GatherND", [dy, indices], { batchDims: 0 }, dy.dtype, updates.shape);
  if (reduction === "add") return [dy, null, dUpdates];
  if (reduction !== "none") return [];
  const kept = g.single(
    "ScatterND",
    [dy, indices, g.zeros(updates.shape)],
    { reduction: "none" },
    dy.dtype,
    x.shape,
  );
  return [kept, null, dUpdates];
}
