import { availableParallelism } from "node:os";
import type { Graph } from "../../graph/graph.ts";
import { sizeOf } from "../../math/tensor.ts";

/** How threads are divided over the sessions of one graph. */
export interface Division {
  readonly sessions: number;
  readonly threadsEach: number;
}

/**
 * One thread a session is fastest, but each session holds activations and packed weights of its own. From this size of weights
 * on two threads share a session: it costs 0 to 20 % of the time and halves the memory (measured on two cores: ResNet-50,
 * 94 MB of weights, 52 ms an image against 48, and 570 MB against 1040; MobileNetV2, 9 MB, 15 ms against 11, and 210 MB
 * against 335, which is little to save).
 */
const heavy = 32e6;

/** More threads than these only when asked for: the sessions on them want memory. */
const defaultThreads = (): number => Math.min(16, availableParallelism());

const weightsOf = ({ constants }: Graph): number =>
  [...constants.values()].reduce(
    (bytes, { dtype, shape }) => bytes + (dtype === "float32" ? 4 : 1) * sizeOf(shape),
    0,
  );

/** @param threads as the user says; 0: as many as there are cores */
export function divided(graph: Graph, threads: number, images: number): Division {
  const total = threads === 0 ? defaultThreads() : threads;
  const threadsEach = total > 1 && weightsOf(graph) > heavy ? 2 : 1;
  return { sessions: Math.max(1, Math.min(images, Math.floor(total / threadsEach))), threadsEach };
}
