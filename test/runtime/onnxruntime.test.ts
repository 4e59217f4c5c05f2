import { InferenceSession } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { createSession } from "../../src/runtime/onnxruntime.ts";
import { extend } from "../../src/graph/builder.ts";
import { float32 } from "../../src/core/tensor.ts";
import { exportModel } from "../../src/onnx/export.ts";
import { padded, windowed } from "../graph/by-axis.ts";

/** A Pad wider than the kernel of the pool after it. */
function paddedPool(): Uint8Array {
  const g = extend({ inputs: [], nodes: [], outputs: [], constants: new Map() });
  const x = g.input("x", "float32", [1, 1, 4, 4]);
  const wide = g.single(
    "Pad",
    [x],
    padded({ mode: "constant", pads: [0, 0, 3, 3, 0, 0, 3, 3], value: 0 }),
    "float32",
    [1, 1, 10, 10],
  );
  const window = { kernelShape: [2, 2], strides: [2, 2], dilations: [1, 1], pads: [0, 0, 0, 0] };
  const pooled = g.single(
    "AveragePool",
    [wide],
    windowed({ ...window, ceilMode: false, countIncludePad: true }),
    "float32",
    [1, 1, 5, 5],
  );
  return exportModel(g.build([pooled]));
}

describe("createSession", () => {
  it("loads a graph that the runtime's fusions would spoil", async () => {
    await expect(
      InferenceSession.create(paddedPool(), { graphOptimizationLevel: "all", logSeverityLevel: 4 }),
    ).rejects.toThrow();
    const session = await createSession(paddedPool(), "a test", { threads: 1, optimization: "all" });
    const outputs = await session.run({ x: float32([1, 1, 4, 4], new Float32Array(16).fill(1)) });
    await session.release();
    const total = Object.values(outputs).flatMap(({ data }) => Array.from(data, Number));
    expect(total.reduce((sum, value) => sum + value, 0)).toBeCloseTo(4, 6);
  });
});
