import { InferenceSession, Tensor } from "onnxruntime-node";
import { extend } from "../../src/graph/builder.ts";
import { float32 } from "../../src/core/tensor.ts";
import { exportModel } from "../../src/onnx/export.ts";

/** Large enough that the product itself is all that counts. */
const side = 2048;
const operations = 2 * side ** 3;
const repetitions = 5;

/** One square matrix product, its right operand constant, as weights are. */
function product(): Uint8Array {
  const g = extend({ inputs: [], nodes: [], outputs: [], constants: new Map() });
  const shape = [side, side];
  const matrix = g.constant(float32(shape, ramp()));
  return exportModel(g.build([g.matmul(g.input("x", "float32", shape), matrix)]));
}

const ramp = (): Float32Array => Float32Array.from({ length: side ** 2 }, (_, index) => (index % 61) / 61);

/** GFLOP/s of ONNX Runtime's own matrix product: the fastest of a few, which is what the machine can do. */
export async function matmulRate(threads: number): Promise<number> {
  const session = await InferenceSession.create(product(), {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
  });
  try {
    const feeds = { x: new Tensor("float32", ramp(), [side, side]) };
    let fastest = Infinity;
    for (let repetition = 0; repetition <= repetitions; repetition++) {
      const began = performance.now();
      await session.run(feeds);
      fastest = Math.min(fastest, performance.now() - began);
    }
    return operations / fastest / 1e6;
  } finally {
    await session.release();
  }
}
