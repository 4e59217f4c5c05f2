import { Worker } from "node:worker_threads";
import { ErfitError, messageOf } from "../../math/error.ts";
import type { Session } from "../onnxruntime.ts";
import { errorOf, type Answer, type Assignment, type Tensors } from "./messages.ts";

/** Resolves with the worker's next answer; rejects where it fails, or where its thread ends before it answers. */
function nextAnswer(worker: Worker): Promise<Tensors> {
  return new Promise((resolve, reject) => {
    const settled = (settle: () => void) => {
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      settle();
    };
    const onMessage = (answer: Answer) => {
      settled(() => {
        if ("tensors" in answer) resolve(answer.tensors);
        else reject(errorOf(answer.failure));
      });
    };
    const ended = (how: string) => {
      settled(() => {
        reject(new ErfitError(`a worker thread ended early: ${how}`, { kind: "failure" }));
      });
    };
    const onError = (thrown: unknown) => {
      ended(messageOf(thrown));
    };
    const onExit = (code: number) => {
      ended(`exit code ${code}`);
    };
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
  });
}

/** A session in a thread of its own: its runs do not block the caller's thread. One run at a time. */
export async function startWorker(assignment: Assignment): Promise<Session> {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { workerData: assignment });
  const release = async (): Promise<void> => {
    await worker.terminate();
  };
  try {
    await nextAnswer(worker);
  } catch (thrown) {
    await release();
    throw thrown;
  }
  return {
    run(feeds) {
      const answer = nextAnswer(worker);
      worker.postMessage(feeds);
      return answer;
    },
    release,
  };
}
