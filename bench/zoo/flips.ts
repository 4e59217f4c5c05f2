import type { GradientRequest } from "../../src/autodiff/gradient.ts";
import { createSession } from "../../src/runtime/onnxruntime.ts";
import type { Graph, Value } from "../../src/graph/graph.ts";
import { float32, sizeOf, type Tensor } from "../../src/core/tensor.ts";
import { exportModel } from "../../src/onnx/export.ts";
import type { Recorded } from "./exports.ts";
import { flippableGradient, type Chooser } from "./flippable.ts";

/**
 * Two records of one operator's decisions agree at nearly every element. Those of two operators do not: of independent
 * signs half agree.
 */
const sameOperator = 0.99;

export interface AgreedGradient {
  /** erfit's gradient, with every decision as the record has it. */
  readonly gradient: Float32Array;
  /** Decisions that float32 took otherwise, and how many were compared. */
  readonly flips: number;
  readonly decisions: number;
  /** The flip farthest from its kink (for a max pool, from a tie), over the operator's largest input. */
  readonly margin: number;
  /** Operators whose decisions are not in the record. */
  readonly unmatched: number;
}

function agreement(a: Uint8Array, b: Uint8Array): number {
  let same = 0;
  for (let i = 0; i < a.length; i++) if (a[i] === b[i]) same++;
  return same / a.length;
}

/** Takes from `recorded` the operator whose decisions are these. */
function takeMatch(operator: string, decided: Uint8Array, recorded: Recorded[]): Uint8Array | undefined {
  const candidates = recorded
    .map((record, at) => ({ ...record, at }))
    .filter((record) => record.operator === operator && record.decided.length === decided.length)
    .map((record) => ({ ...record, same: agreement(decided, record.decided) }))
    .sort((a, b) => b.same - a.same);
  const [best] = candidates;
  if (best === undefined || best.same < sameOperator) return undefined;
  recorded.splice(best.at, 1);
  return best.decided;
}

const zeros = ({ change: { dtype, shape } }: Chooser): Tensor<"float32" | "int32"> =>
  dtype === "float32"
    ? { dtype, shape, data: new Float32Array(sizeOf(shape)) }
    : { dtype, shape, data: new Int32Array(sizeOf(shape)) };

const largestMagnitude = (x: Float32Array): number =>
  x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/**
 * Float32 rounds an element that lies next to a kink to the other side of it, and the gradient jumps: by 1e-2 of its norm in
 * a ResNet-50 with random weights, in PyTorch as well. This computes erfit's gradient with the decisions that float64
 * took, as PyTorch recorded them. What is then left of a difference is not a flip.
 */
export async function gradientWithDecisions(
  forward: Graph,
  request: GradientRequest,
  image: Tensor<"float32">,
  record: readonly Recorded[],
): Promise<AgreedGradient> {
  const { graph, gradient, choosers } = flippableGradient(forward, request);
  const load = (outputs: readonly Value[]) =>
    createSession(exportModel({ ...graph, outputs }), "a comparison of decisions", {
      threads: 2,
      optimization: "all",
    });
  const changes = new Map(choosers.map((chooser) => [chooser, zeros(chooser)]));
  const feeds = {
    [request.withRespectTo.name]: float32(image.shape, image.data),
    ...Object.fromEntries(Array.from(changes, ([chooser, tensor]) => [chooser.change.name, tensor])),
  };

  const observed = [...new Map(choosers.map(({ x }) => [x.name, x])).values()];
  const observing = await load([gradient, ...observed]);
  const found = await observing.run(feeds);
  await observing.release();

  const left = [...record];
  let [flips, decisions, margin, unmatched] = [0, 0, 0, 0];
  for (const [chooser, change] of changes) {
    const x = found[chooser.x.name];
    if (x?.dtype !== "float32") throw new Error(`no float32 tensor ${chooser.x.name}`);
    const decided = chooser.decided(x.data);
    const wanted = takeMatch(chooser.operator, decided, left);
    if (wanted === undefined) {
      unmatched++;
      continue;
    }
    decisions += decided.length;
    const largest = largestMagnitude(x.data);
    for (let element = 0; element < decided.length; element++) {
      const to = wanted[element] ?? 0;
      if (decided[element] === to) continue;
      const flip = chooser.flip(x.data, element, to);
      change.data[element] = flip.change;
      margin = Math.max(margin, flip.distance / largest);
      flips++;
    }
  }

  const session = await load([gradient]);
  const agreed = (await session.run(feeds))[gradient.name];
  await session.release();
  if (agreed?.dtype !== "float32") throw new Error("the gradient is float32");
  return { gradient: agreed.data, flips, decisions, margin, unmatched };
}
