import type { GradientRequest } from "../../src/autodiff/gradient.ts";
import { createSession } from "../../src/runtime/onnxruntime.ts";
import type { Graph, Value } from "../../src/graph/graph.ts";
import { float32, sizeOf } from "../../src/core/tensor.ts";
import { exportModel } from "../../src/onnx/export.ts";
import { flippableGradient, nearTies, observed, type Chooser } from "./decisions.ts";
import { relativeL2 } from "../relative-l2.ts";

/**
 * How close to a kink rounding alone may decide: eight units in the last place of the operator's largest input, 9.5e-7
 * of it. Measured between PyTorch in float32 and in float64, the inputs of ReLUs and max pools differ by up to 3.9e-7
 * (VGG-16) and 3.1e-6 (MobileNetV2) of their largest.
 */
export const roundingMargin = 8 * 2 ** -23;

interface Flip {
  /** Output of the ReLU, Clip or max pool, and the element of it. */
  readonly tensor: string;
  readonly element: number;
  /** Distance to the kink, or between the two largest of the window, over the operator's largest input. */
  readonly margin: number;
}

export interface Explanation {
  /** Relative L2 from the reference, with every decision as erfit's float32 took it, and with `flips`. */
  readonly before: number;
  readonly after: number;
  readonly flips: readonly Flip[];
  /** How many decisions were within the margin. */
  readonly nearTies: number;
}

/** No decision flipped. The array is written to: one per chooser serves all trials. */
const noDetours = ({ detours: { dtype, shape } }: Chooser) =>
  dtype === "bool"
    ? { dtype, shape, data: new Uint8Array(sizeOf(shape)) }
    : { dtype, shape, data: new Int32Array(sizeOf(shape)) };

/**
 * Flips decisions that float32 could not be sure of, the closest first, and keeps each flip that brings the gradient
 * closer to the reference; stops at `enough`.
 */
export async function explainByFlips(
  forward: Graph,
  request: GradientRequest,
  image: Float32Array,
  expected: Float32Array,
  enough: number,
): Promise<Explanation> {
  const flippable = flippableGradient(forward, request);
  const { graph, gradient, choosers } = flippable;
  const load = (outputs: readonly Value[]) =>
    createSession(exportModel({ ...graph, outputs }), "a search for flipped decisions", {
      threads: 2,
      optimization: "all",
    });
  const { name, shape } = request.withRespectTo;
  const detours = new Map(choosers.map((chooser) => [chooser, noDetours(chooser)]));
  const feeds = {
    [name]: float32(shape, image),
    ...Object.fromEntries(Array.from(detours, ([chooser, tensor]) => [chooser.detours.name, tensor])),
  };

  const observing = await load([gradient, ...observed(flippable)]);
  const ties = nearTies(flippable, await observing.run(feeds), roundingMargin);
  await observing.release();

  const session = await load([gradient]);
  const error = async (): Promise<number> => {
    const found = (await session.run(feeds))[gradient.name];
    if (found?.dtype !== "float32") throw new Error("the gradient is float32");
    return relativeL2(found.data, expected);
  };
  const before = await error();
  const flips: Flip[] = [];
  let after = before;
  for (const { chooser, element, detour, margin } of ties) {
    if (after <= enough) break;
    const tensor = detours.get(chooser);
    if (tensor === undefined) throw new Error("every tie has a chooser");
    tensor.data[element] = detour;
    const trial = await error();
    if (trial < after) {
      flips.push({ tensor: chooser.y.name, element, margin });
      after = trial;
    } else tensor.data[element] = 0;
  }
  await session.release();
  return { before, after, flips, nearTies: ties.length };
}
