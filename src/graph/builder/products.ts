import { broadcastShapes } from "../../core/tensor.ts";
import type { Value } from "../graph.ts";
import type { Operators } from "../operators.ts";
import { none, type Writer } from "./writer.ts";

/** Extent of a sliding window's output along one axis, rounding down. */
const windowExtent = (
  input: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: number,
): number => Math.floor((input + padding - dilation * (kernel - 1) - 1) / stride) + 1;

/** Matrix products and convolutions. */
export function productOperations({ single }: Writer) {
  return {
    matmul(a: Value, b: Value): Value {
      const batch = broadcastShapes([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
      return single("MatMul", [a, b], none, a.dtype, [...batch, a.shape.at(-2) ?? 1, b.shape.at(-1) ?? 1]);
    },
    gemm(a: Value, b: Value, attributes: Operators["Gemm"]): Value {
      const rows = a.shape[attributes.transA ? 1 : 0] ?? 1;
      const columns = b.shape[attributes.transB ? 0 : 1] ?? 1;
      return single("Gemm", [a, b], attributes, a.dtype, [rows, columns]);
    },
    conv(x: Value, weights: Value, attributes: Operators["Conv"]): Value {
      const { kernelShape, strides, dilations, pads } = attributes;
      const spatial = kernelShape.map((kernel, axis) =>
        windowExtent(
          x.shape[axis + 2] ?? 1,
          kernel,
          strides[axis] ?? 1,
          dilations[axis] ?? 1,
          (pads[axis] ?? 0) + (pads[axis + kernelShape.length] ?? 0),
        ),
      );
      return single("Conv", [x, weights], attributes, x.dtype, [
        x.shape[0] ?? 1,
        weights.shape[0] ?? 1,
        ...spatial,
      ]);
    },
    convTranspose(x: Value, weights: Value, attributes: Operators["ConvTranspose"]): Value {
      const { kernelShape, strides, dilations, pads, outputPadding, group } = attributes;
      const spatial = kernelShape.map((kernel, axis) => {
        const padding = (pads[axis] ?? 0) + (pads[axis + kernelShape.length] ?? 0);
        const reach =
          ((x.shape[axis + 2] ?? 1) - 1) * (strides[axis] ?? 1) + (dilations[axis] ?? 1) * (kernel - 1) + 1;
        return reach - padding + (outputPadding[axis] ?? 0);
      });
      const channels = (weights.shape[1] ?? 1) * group;
      return single("ConvTranspose", [x, weights], attributes, x.dtype, [
        x.shape[0] ?? 1,
        channels,
        ...spatial,
      ]);
    },
  };
}
