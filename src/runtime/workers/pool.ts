import type { Graph } from "../../graph/graph.ts";
import type { Session } from "../onnxruntime.ts";
import type { Division } from "./division.ts";
import { prepareModel } from "./prepared-model.ts";
import { startWorker } from "./running-worker.ts";

/**
 * Several sessions of one graph, each in a thread of its own, behind one: as many runs at once as there are sessions, and
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
