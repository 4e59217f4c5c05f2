import * as tf from "@tensorflow/tfjs-core";
import { float32, type Tensor } from "../../core/tensor.ts";
import type { Program } from "./model/program.ts";
import { scoped } from "./scoped.ts";

export interface PullBackRequest {
  /** Makes the tensor that is fed, the image or another; and its name. */
  readonly fed: () => tf.Tensor;
  readonly from: string;
  readonly target: string;
  readonly withRespectTo: string;
  readonly alongside: readonly string[];
  /** The cotangent of the target, from its values. */
  readonly seed: (values: Float32Array) => Float32Array;
}

export interface PulledBack {
  readonly gradient: Tensor<"float32">;
  readonly alongside: readonly Tensor<"float32">[];
}

/** Values of a tensor, on this side of the backend. */
const valuesOf = (tensor: tf.Tensor): Float32Array => Float32Array.from(tensor.dataSync());

export const fromTfjs = (tensor: tf.Tensor): Tensor<"float32"> =>
  float32([...tensor.shape], valuesOf(tensor));

export const toTfjs = ({ shape, data }: Tensor<"float32">): tf.Tensor =>
  tf.tensor(data, [...shape], "float32");

/**
 * One run of TF.js: forward, then its tape backward from the weighted target. The tensor that is differentiated by
 * is computed first and fed, so that the tape begins there. Nothing stays on the backend.
 */
export function pullBack(program: Program, request: PullBackRequest): PulledBack {
  const { fed, from, target, withRespectTo, alongside, seed } = request;
  return scoped(() => {
    const given = new Map([[from, fed()]]);
    const [source] = program.evaluate(given, [withRespectTo]);
    if (source === undefined) throw new Error(`TF.js computed no "${withRespectTo}"`);
    given.set(withRespectTo, source);
    let beside: readonly Tensor<"float32">[] = [];
    const gradient = tf.grad((x) => {
      given.set(withRespectTo, x);
      const [y, ...others] = program.evaluate(given, [target, ...alongside]);
      if (y === undefined) throw new Error(`TF.js computed no "${target}"`);
      beside = others.map(fromTfjs);
      return tf.sum(tf.mul(y, tf.tensor(seed(valuesOf(y)), y.shape)));
    })(source);
    return { gradient: fromTfjs(gradient), alongside: beside };
  });
}
