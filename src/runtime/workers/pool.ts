import { execFile } from "node:child_process";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ErfitError, messageOf } from "../../core/error.ts";
import { sizeOf } from "../../core/tensor.ts";
import type { Graph } from "../../graph/graph.ts";
import { sweep, temporaryFor } from "../../io/temporary.ts";
import { exportWithWeights } from "../../onnx/export.ts";
import type { Session } from "../onnxruntime.ts";
import { startWorker } from "./thread.ts";

/** How threads are divided over the sessions of one graph. */
interface Division {
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
    .flatMap(({ inputs }) => inputs.flatMap((input) => (input && constants.get(input.name)) ?? []))
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

/** A model as files of a temporary folder, optimized once for all the sessions that load it. */
interface PreparedModel {
  readonly path: string;
  /** What is left for each session to do. */
  readonly optimization: "all" | "none";
  /** Removes the files. Where the system lets mapped files be removed, loaded sessions keep working. */
  readonly discard: () => Promise<void>;
}

/** One write a chunk: neither the weights nor the file are ever held as a whole. */
async function writeChunks(path: string, chunks: Iterable<Uint8Array>): Promise<void> {
  const file = await open(path, "wx");
  try {
    for (const chunk of chunks) await file.writeFile(chunk);
  } finally {
    await file.close();
  }
}

/**
 * Writes the graph and its weights where several sessions can map them. Optimizing happens here, once: ResNet-50's gradient
 * in two sessions takes 640 MB instead of 870, and they load in 0.3 s instead of 1.1.
 * @throws ErfitError where the temporary folder cannot be written
 */
async function prepareModel(graph: Graph, sessions: number): Promise<PreparedModel> {
  await sweep(tmpdir());
  const folder = await mkdtemp(`${temporaryFor(join(tmpdir(), "erfit-model"))}-`).catch((cause: unknown) => {
    throw unwritable(cause);
  });
  const discard = () => rm(folder, { recursive: true, force: true }).catch(() => undefined);
  const written = join(folder, "model.onnx");
  const optimized = join(folder, "optimized.onnx");
  try {
    const { model, weights } = exportWithWeights(graph, "model.weights");
    await writeFile(written, model);
    await writeChunks(join(folder, "model.weights"), weights);
  } catch (cause) {
    await discard();
    throw cause instanceof ErfitError ? cause : unwritable(cause);
  }
  // A session alone has no one to share with, and optimizes faster than it could read what was optimized for it.
  if (sessions === 1) return { path: written, optimization: "all", discard };
  const optimizing = run(process.execPath, [
    optimizer,
    written,
    optimized,
    "optimized.weights",
    String(process.pid),
  ]);
  return optimizing.then(
    () => ({ path: optimized, optimization: "none", discard }),
    // Each session then optimizes for itself, and its error explains why if that fails too.
    () => ({ path: written, optimization: "all", discard }),
  );
}

const run = promisify(execFile);
const optimizer = fileURLToPath(new URL("./optimizer.js", import.meta.url));

const unwritable = (cause: unknown): ErfitError =>
  new ErfitError(
    `the temporary folder ${tmpdir()} cannot hold the network while it runs: ${messageOf(cause)}`,
    {
      kind: "failure",
      remedy: "make room there, or name another folder in the environment variable TMPDIR",
      cause,
    },
  );

/**
 * Several sessions of one graph, each in a thread of its own, as one session: as many runs at once as there are sessions, and
 * further ones wait. ONNX Runtime's `run` blocks its thread in Node: even one session leaves the caller's free to decode.
 */
export async function openPool(
  graph: Graph,
  purpose: string,
  { sessions: size, threadsEach: threads }: Division,
): Promise<Session> {
  // Threads take as long to start as a model to be written: both at once.
  const workers = Array.from({ length: size }, startWorker);
  const preparing = prepareModel(graph, size);
  const release = async (): Promise<void> => {
    await Promise.all(workers.map((worker) => worker.release()));
    await preparing.then(
      ({ discard }) => discard(),
      () => undefined,
    );
  };
  const load = async (): Promise<readonly Session[]> => {
    const { path, optimization, discard } = await preparing;
    const assignment = { model: path, purpose, threads, optimization };
    const loaded = await Promise.all(workers.map((worker) => worker.load(assignment)));
    await discard(); // what is mapped stays mapped; where a system minds, it is removed at the end
    return loaded;
  };
  const sessions = await load().catch(async (thrown: unknown) => {
    await release();
    throw thrown;
  });

  const idle = [...sessions];
  const waiting: ((session: Session) => void)[] = [];
  const borrowed = (): Promise<Session> => {
    const session = idle.pop();
    return session === undefined
      ? new Promise((resolve) => {
          waiting.push(resolve);
        })
      : Promise.resolve(session);
  };
  const giveBack = (session: Session): void => {
    const next = waiting.shift();
    if (next === undefined) idle.push(session);
    else next(session);
  };
  return {
    async run(feeds) {
      const session = await borrowed();
      try {
        return await session.run(feeds);
      } finally {
        giveBack(session);
      }
    },
    release,
  };
}
