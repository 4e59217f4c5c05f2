import { parentPort, workerData } from "node:worker_threads";
import { createSession } from "../onnxruntime.ts";
import { failureOf, type Answer, type Assignment, type Tensors } from "./messages.ts";

/** The thread of one session: loads the assigned model, then answers each message of feeds with the outputs. */

const answerWith = async (work: () => Promise<Tensors>): Promise<void> => {
  const answer = await work().then(
    (tensors): Answer => ({ tensors }),
    (thrown: unknown): Answer => ({ failure: failureOf(thrown) }),
  );
  parentPort?.postMessage(answer);
};

const { model, purpose, ...options } = workerData as Assignment; // what `startWorker` passed
const loading = createSession(model, purpose, options);
parentPort?.on("message", (feeds: Tensors) => void answerWith(async () => (await loading).run(feeds)));
await answerWith(async () => {
  await loading;
  return {};
});
