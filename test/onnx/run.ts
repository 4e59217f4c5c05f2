import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import type { DType, Shape, Tensor } from "../../src/core/tensor.ts";
import type { RunModel } from "../../src/onnx/runtime.ts";

/** The runtime's tensors are ours but for names; its types do not say which elements go with which type. */
function fromRuntime({ type, data, dims }: OrtTensor): Tensor {
  const tensor: { dtype: unknown; shape: Shape; data: unknown } = { dtype: type, shape: dims, data };
  return tensor as Tensor;
}

function toRuntime({ dtype, data, shape }: Tensor): OrtTensor {
  const type: DType = dtype;
  return new OrtTensor(type, data as Float32Array, shape);
}

/** ONNX Runtime, on one thread. */
export const run: RunModel = async (model, feeds) => {
  const session = await InferenceSession.create(model, { logSeverityLevel: 3, intraOpNumThreads: 1 });
  const results = await session.run(
    Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toRuntime(tensor)])),
  );
  await session.release();
  return Object.fromEntries(Object.entries(results).map(([name, result]) => [name, fromRuntime(result)]));
};

/** ‖a - b‖ / ‖a‖ */
export function relativeDifference(a: Tensor | undefined, b: Tensor | undefined): number {
  if (a?.data.length !== b?.data.length || a === undefined || b === undefined) return Infinity;
  let [difference, size] = [0, 0];
  for (let i = 0; i < a.data.length; i++) {
    const [p, q] = [Number(a.data[i]), Number(b.data[i])];
    difference += (p - q) ** 2;
    size += p ** 2;
  }
  return size === 0 ? Math.sqrt(difference) : Math.sqrt(difference / size);
}
