import { parentPort } from "node:worker_threads";
import { createSession, type Session } from "../onnxruntime.ts";
import { failureOf, type Answer, type Order, type Tensors } from "./thread.ts";

/** The thread of one session: answers the order to load a model, and then each message of feeds with the outputs. */

let session: Session | undefined;

async function done(order: Order): Promise<Tensors> {
  if ("feeds" in order) {
    if (session === undefined) throw new Error("a worker has to load a model before it runs");
    return session.run(order.feeds);
  }
  const { model, purpose, ...options } = order.load;
  session = await createSession(model, purpose, options);
  return {};
}

const answer = (order: Order): Promise<Answer> =>
  done(order).then(
    (tensors): Answer => ({ tensors }),
    (thrown: unknown): Answer => ({ failure: failureOf(thrown) }),
  );

parentPort?.on("message", (order: Order) => {
  void answer(order).then((message) => parentPort?.postMessage(message));
});
