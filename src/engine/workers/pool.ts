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
  const { path, optimisation, discard } = await prepareModel(graph);
  const assignment = { model: path, purpose, threads, optimisation };
  const starting = Array.from({ length: size }, () => startWorker(assignment));
  const sessions = await Promise.all(starting).catch(async (thrown: unknown) => {
    for (const other of await Promise.allSettled(starting))
      if (other.status === "fulfilled") await other.value.release();
    await discard();
    throw thrown;
  });
  await discard();

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
    async release() {
      await Promise.all(sessions.map((session) => session.release()));
      await discard();
    },
  };
}
