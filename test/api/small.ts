import { join } from "node:path";
import { onTestFinished } from "vitest";
import { openModel, type Model } from "../../src/index.ts";
import { folder } from "../cli/erfit.ts";
import { array, imageShape, sound, written } from "../cli/networks.ts";
import { noise } from "../onnx/small-model.ts";

/** A small network and ready inputs of it: see `networks.ts`. */
export const network = written("net.onnx", sound);

/** So many inputs, each with noise of its own. */
export const inputs = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, k) => array(`x${k}.npy`, noise(imageShape, 70 + k)));

/** A file that is no array. */
export const damaged = join(folder, "damaged.npy");

/** The small network, open until the test ends. Session workers run from the built library only: one thread. */
export async function opened(options: Parameters<typeof openModel>[1] = {}): Promise<Model> {
  const model = await openModel(network, { threads: 1, ...options });
  onTestFinished(() => model.close());
  return model;
}

/** All steps of a run, in order. */
export async function collected<T>(steps: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const step of steps) all.push(step);
  return all;
}

/** A call as JavaScript makes it, unchecked. */
export function untyped(called: (...args: never[]) => unknown, args: readonly unknown[]): unknown {
  const result: unknown = Reflect.apply(called, null, args);
  return result;
}

/** Widths of a Gaussian over the small network's image. */
export const shared = { sigmaX: 3, sigmaY: 2.5 } as const;
