import type { Tensor } from "../core/tensor.ts";
import { inOrder } from "../io/in-order.ts";
import type { Program } from "./programs.ts";

/** A synchronous iterable, as `inOrder` takes it. */
async function* asynchronous<Item>(items: Iterable<Item>): AsyncGenerator<Item, void> {
  for (const item of items) yield await Promise.resolve(item);
}

/** The answers of a program, in order, as many at a time as it computes. */
export async function* answers<Answer>(
  program: Program<Answer>,
  inputs: Iterable<Tensor<"float32">>,
  classIndex: number,
): AsyncGenerator<Answer, void> {
  yield* inOrder(asynchronous(inputs), program.simultaneous, (input) => program.run(input, classIndex));
}
