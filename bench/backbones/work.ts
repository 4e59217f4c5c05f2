import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { cone } from "../../src/autodiff/cone/cone.ts";
import { multiplyAdds } from "../../src/autodiff/cone/work.ts";
import { fastGradient } from "../../src/runtime/rewrites/fast-gradient.ts";
import type { Cell } from "../../src/autodiff/objective.ts";
import { cellAt } from "../../src/runtime/feature-grid.ts";
import { geometryOf } from "../../src/runtime/geometry.ts";
import { findLayer } from "../../src/runtime/layers.ts";
import { openModel } from "../../src/runtime/open.ts";
import { inferTypes, runOnce } from "../../src/runtime/onnxruntime.ts";
import type { Graph, Value } from "../../src/graph/graph.ts";
import { ErfitError } from "../../src/core/error.ts";
import { importModel } from "../../src/onnx/import.ts";

/** Multiply-adds of one image's gradient, forward and backward. */
export const work = z.object({
  whole: z.number(),
  /** Of what the central cell depends on, which is what erfit runs. */
  cone: z.number(),
});

export type Work = z.infer<typeof work>;

/** Work of the gradient of a layer's central cell. */
export async function workOf(onnx: string, layerName: string): Promise<Work> {
  const { network } = await openModel(onnx, { threads: 0 });
  const layer = findLayer(network, layerName);
  const cell = cellAt(layer.grid, ...geometryOf(network, layer).cell);
  const { graph, input } = await importModel(await readFile(onnx), {
    file: onnx,
    readExternal: (location) => readFile(join(dirname(onnx), location)),
    run: runOnce,
    infer: inferTypes,
  });
  const target = graph.nodes.flatMap(({ outputs }) => outputs).find(({ name }) => name === layer.name);
  if (target === undefined) throw new ErfitError(`${onnx}: no tensor named "${layer.name}"`);
  const kept = cone(graph, target, cell);
  return {
    whole: gradientWork(graph, target, cell, input),
    cone: gradientWork(kept.graph, kept.target, kept.cell, input),
  };
}

function gradientWork(graph: Graph, target: Value, cell: Cell, input: Value): number {
  const objective = { kind: "channel-mean", cell } as const;
  return multiplyAdds(fastGradient(graph, { target, objective, withRespectTo: input }).graph);
}
