import { Worker } from "node:worker_threads";
import { ErfitError, messageOf } from "../../core/error.ts";
import type { Session } from "../onnxruntime.ts";
import { errorOf, type Answer, type Assignment, type Order, type Tensors } from "./messages.ts";

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

/** A thread that is there, and loads a model when it is told which. One order at a time. */
interface IdleWorker {
  readonly load: (assignment: Assignment) => Promise<Session>;
  readonly release: () => Promise<void>;
}

/** Starts a thread for a session of its own: its runs do not block the caller's. */
export function startWorker(): IdleWorker {
  const worker = new Worker(new URL("./worker.js", import.meta.url));
  let ended = false;
  // An order that is under way hears of it in `nextAnswer`; one that comes later is refused.
  worker.on("error", () => (ended = true)).on("exit", () => (ended = true));
  const done = async (order: Order): Promise<Tensors> => {
    if (ended) throw new ErfitError("a worker thread ended early", { kind: "failure" });
    const answer = nextAnswer(worker);
    worker.postMessage(order);
    return answer;
  };
  const release = async (): Promise<void> => {
    await worker.terminate();
  };
  return {
    async load(assignment) {
      await done({ load: assignment });
      return { run: (feeds) => done({ feeds }), release };
    },
    release,
  };
}
