import { Worker } from "node:worker_threads";
import { ErfitError, messageOf, type ErrorKind } from "../../core/error.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { SessionOptions, Session } from "../onnxruntime.ts";

/** What a worker runs. */
interface Assignment extends SessionOptions {
  /** Path of the model that it runs. */
  readonly model: string;
  readonly purpose: string;
}

export type Tensors = Readonly<Record<string, Tensor>>;

/** An error on its way between threads, where classes are lost. */
interface Failure {
  readonly message: string;
  readonly kind: ErrorKind;
  readonly remedy: string | undefined;
}

/** What a worker is to do. */
export type Order = { readonly load: Assignment } | { readonly feeds: Tensors };

/** Its answer: no tensors once its session is loaded, or the outputs of a run. */
export type Answer = { readonly tensors: Tensors } | { readonly failure: Failure };

export const failureOf = (thrown: unknown): Failure =>
  thrown instanceof ErfitError
    ? { message: thrown.message, kind: thrown.kind, remedy: thrown.remedy }
    : { message: messageOf(thrown), kind: "failure", remedy: undefined };

const errorOf = ({ message, kind, remedy }: Failure): ErfitError =>
  new ErfitError(message, remedy === undefined ? { kind } : { kind, remedy });

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

/** A thread without a model yet. One order at a time. */
interface IdleWorker {
  readonly load: (assignment: Assignment) => Promise<Session>;
  readonly release: () => Promise<void>;
}

/** Starts a thread for a session of its own: its runs do not block the caller's. */
export function startWorker(): IdleWorker {
  const worker = new Worker(new URL("./worker.js", import.meta.url));
  let ended = false;
  // An order that is under way fails in `nextAnswer`; a later one is refused.
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
