import { describe, expect, it } from "vitest";
import { cam, evaluate, type Model } from "../../src/index.ts";
import { collected, inputs, opened } from "./small.ts";

/** A method whose first image would take an hour: what stops it stops it within the image. */
const endless = { method: "smooth-grad-cam++", noiseSamples: 10_000_000 } as const;

const works: readonly (readonly [string, (model: Model, signal?: AbortSignal) => AsyncIterable<unknown>])[] =
  [
    ["cam", (model, signal) => cam(model, inputs(1), { ...endless, signal })],
    ["evaluate", (model, signal) => evaluate(model, inputs(2), { ...endless, control: [], signal })],
  ];

const soon = () => new Promise<void>((resolve) => setTimeout(resolve, 100));

describe.each(works)("%s is ended within an image", (_, work) => {
  it("by its signal, with the signal's reason", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const ended = expect(collected(work(await opened(), controller.signal))).rejects.toBe(reason);
    await soon();
    controller.abort(reason);
    await ended;
  });

  it("by closing the model, which waits for the pass under way alone", async () => {
    const model = await opened();
    const ended = expect(collected(work(model))).rejects.toThrow("net.onnx: the model was closed");
    await soon();
    await model.close();
    await ended;
  });

  it("by leaving the loop", async () => {
    const steps = work(await opened())[Symbol.asyncIterator]();
    const first = expect(steps.next()).rejects.toThrow("the run was left before its end");
    await soon();
    await steps.return?.();
    await first;
  });
});

it("an image that is ended is no skipped one", async () => {
  const controller = new AbortController();
  const skipped: string[] = [];
  const options = {
    ...endless,
    signal: controller.signal,
    onSkipped: (image: string) => void skipped.push(image),
  };
  const ended = expect(collected(cam(await opened(), inputs(3), options))).rejects.toThrow("aborted");
  await soon();
  controller.abort();
  await ended;
  expect(skipped).toEqual([]);
});
