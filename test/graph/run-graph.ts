import { createSession } from "../../src/runtime/onnxruntime.ts";
import { extend, type Builder } from "../../src/graph/builder.ts";
import type { Graph, Value } from "../../src/graph/graph.ts";
import type { Shape, Tensor } from "../../src/core/tensor.ts";
import { exportModel } from "../../src/onnx/export.ts";
import { noise } from "../onnx/small-model.ts";

export const empty: Graph = { inputs: [], nodes: [], outputs: [], constants: new Map() };

/** A graph of one image `x`, as `build` makes it. */
export function graphOf(shape: Shape, build: (g: Builder, x: Value) => Value | readonly Value[]): Graph {
  const g = extend(empty);
  const built = build(g, g.input("x", "float32", shape));
  return g.build("name" in built ? [built] : built);
}

/**
 * The outputs of a graph in ONNX Runtime, in their order; noise for every input that is not fed. The graph runs as it is
 * written: of the runtime's optimizations, one fuses Pad into a pool that then refuses to pad so much (1.30).
 */
export async function runGraph(
  graph: Graph,
  feeds: Readonly<Record<string, Tensor>> = {},
): Promise<readonly Tensor[]> {
  const fed = graph.inputs.map(({ name, shape }) => [name, feeds[name] ?? noise(shape)] as const);
  const session = await createSession(exportModel(graph), "a test", { threads: 1, optimization: "none" });
  const outputs = await session.run(Object.fromEntries(fed));
  await session.release();
  return graph.outputs.map(({ name }) => {
    const tensor = outputs[name];
    if (tensor === undefined) throw new Error(`no output ${name}`);
    return tensor;
  });
}
