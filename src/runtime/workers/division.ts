import { availableParallelism } from "node:os";
import type { Graph } from "../../graph/graph.ts";
import { sizeOf } from "../../core/tensor.ts";

/** How threads are divided over the sessions of one graph. */
export interface Division {
  readonly sessions: number;
  readonly threadsEach: number;
}

/**
 * One thread a session is fastest, but each session packs the weights of its matrix products for itself. From this size on
 * two threads share a session: it costs 0 to 20 % of the time and halves the memory (measured on two cores: ConvNeXt-T,
 * 105 MB, 80 ms an image against 75, and 530 MB against 980). Weights of convolutions are mapped, once for all sessions.
 */
const heavy = 32e6;

/** More threads than these only when asked for: the sessions on them want memory. */
const defaultThreads = (): number => Math.min(16, availableParallelism());

/** Bytes of the constants that matrix products read, as often as they are read. */
const packedWeights = ({ nodes, constants }: Graph): number =>
  nodes
    .filter(({ op }) => op === "MatMul" || op === "Gemm")
    .flatMap(({ inputs }) => inputs.flatMap((input) => constants.get(input?.name ?? "") ?? []))
    .reduce((bytes, { shape }) => bytes + 4 * sizeOf(shape), 0);

/**
 * @param threads as the user says; 0: as many as there are cores
 * @param programs graphs that run side by side, this one among them
 */
export function divided(graph: Graph, threads: number, images: number, programs = 1): Division {
  const total = Math.max(1, Math.floor((threads === 0 ? defaultThreads() : threads) / programs));
  const threadsEach = total > 1 && packedWeights(graph) > heavy ? 2 : 1;
  return { sessions: Math.max(1, Math.min(images, Math.floor(total / threadsEach))), threadsEach };
}
