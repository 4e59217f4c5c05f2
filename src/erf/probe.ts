import { at } from "../core/required.ts";
import type { RealMap, Tensor } from "../core/tensor.ts";
import { inOrder } from "../io/in-order.ts";
import { cellAt } from "../runtime/feature-grid.ts";
import type { Layer } from "../runtime/layers.ts";
import type { DifferentiatedNetwork, ImageInput, Network } from "../runtime/network.ts";
import {
  add,
  emptyAccumulator,
  imagesIn,
  skip,
  total,
  type Accumulator,
  type Photograph,
} from "./accumulator.ts";
import { cancellationOf, signedGradient, type Cancellation } from "./cancellation.ts";
import { protocols, type Protocol, type ProtocolName } from "./protocols.ts";

/** One view of a photograph on its way into the probe; `tensor` is null where it could not be read. */
export interface ProbeImage {
  readonly name: string;
  /** What it is a view of; the views of one photograph come one after the other. */
  readonly photograph: Photograph;
  readonly tensor: Tensor<"float32"> | null;
  /** Why it could not be read. */
  readonly problem?: string;
}

export interface ProbeOptions {
  readonly layer: Layer;
  readonly cell: readonly [row: number, column: number];
  readonly protocol: ProtocolName;
  /** How many images there are; of several, some are computed at the same time. */
  readonly count: number;
  /** How many probes run side by side, and divide the threads among them; this one alone by default. */
  readonly programs?: number;
  /** What the images are added to; by default nothing yet, and all blocks are owned. It is changed in place. */
  readonly accumulator?: Accumulator;
  /** Whether to measure, on the first image that can be read, how far the channels' gradients cancel; false by default. */
  readonly cancellation?: boolean;
}

/** State after each image. */
export interface ProbeProgress {
  /** Images that are done, of those that this probe was given. */
  readonly done: number;
  readonly accumulator: Accumulator;
  /** The image just done. */
  readonly name: string;
  /** Why it could not be used; null where it was. */
  readonly problem: string | null;
  /** How far the channels' gradients cancel; null before it is measured, and where it is not to be. */
  readonly cancellation: Cancellation | null;
}

/** Color planes of a gradient, copied out of channels-last tensors. Hot loop: indices are in range by construction. */
export function colorPlanes(
  gradient: Tensor<"float32">,
  { layout, height, width, shape }: ImageInput,
): readonly Float32Array[] {
  const pixels = height * width;
  const channels = at(shape, layout === "NCHW" ? 1 : 3, "axis");
  if (layout === "NCHW")
    return Array.from({ length: channels }, (_, c) => gradient.data.subarray(c * pixels, (c + 1) * pixels));
  return Array.from({ length: channels }, (_, c) =>
    Float32Array.from({ length: pixels }, (__, p) => gradient.data[p * channels + c] ?? 0),
  );
}

/** What a run made of an image: its gradient, or why there is none. */
interface Outcome {
  readonly image: ProbeImage;
  readonly gradient?: Tensor<"float32">;
  readonly reason?: string;
}

async function backpropagated(program: DifferentiatedNetwork, image: ProbeImage): Promise<Outcome> {
  const { tensor, problem } = image;
  if (tensor === null) return { image, reason: problem ?? "it could not be read" };
  const { gradient } = await program.run({ image: tensor });
  return allFinite(gradient.data)
    ? { image, gradient }
    : { image, reason: "its gradient holds NaN or infinity" };
}

const allFinite = (values: Float32Array): boolean => {
  // A sum is finite only if every term is (or if it overflows, which is no better).
  let sum = 0;
  for (const value of values) sum += Math.abs(value);
  return Number.isFinite(sum);
};

/** The images up to the first that can be read, and the rest. */
async function untilReadable(
  images: AsyncIterable<ProbeImage>,
): Promise<{ readonly first: readonly ProbeImage[]; readonly rest: AsyncIterator<ProbeImage> }> {
  const rest = images[Symbol.asyncIterator]();
  const first: ProbeImage[] = [];
  for (;;) {
    const next = await rest.next();
    if (next.done === true) return { first, rest };
    first.push(next.value);
    if (next.value.tensor !== null) return { first, rest };
  }
}

async function* rejoined({
  first,
  rest,
}: Awaited<ReturnType<typeof untilReadable>>): AsyncGenerator<ProbeImage, void> {
  yield* first;
  yield* { [Symbol.asyncIterator]: () => rest };
}

/**
 * Backpropagates from one cell of a layer to every image and sums the gradients in blocks. Yields after each image, so
 * that the caller shows progress, saves, or stops by leaving the loop.
 */
export async function* probe(
  network: Network,
  images: AsyncIterable<ProbeImage>,
  {
    layer,
    cell,
    protocol,
    count,
    programs = 1,
    accumulator: start,
    cancellation: measured = false,
  }: ProbeOptions,
): AsyncGenerator<ProbeProgress, void> {
  const { input } = network;
  const { objective, collapse }: Protocol = protocols[protocol];
  const [row, column] = cell;
  const given = await untilReadable(images);
  let cancellation: Cancellation | null = null;
  let program: DifferentiatedNetwork | undefined;
  try {
    const readable = measured ? given.first.at(-1)?.tensor : undefined;
    // Before the program that runs on: two would need the memory of both.
    const signed = readable && (await signedGradient(network, { layer, cell, protocol }, readable, programs));
    program = await network.differentiate({
      target: layer.name,
      objective: objective(cellAt(layer.grid, row, column)),
      images: count,
      programs,
    });
    const running = program;
    let accumulator = start ?? emptyAccumulator(input.height, input.width);
    let done = 0;
    // One more than are computed at once, so that a worker never waits for this thread.
    const outcomes = inOrder(rejoined(given), running.simultaneous + 1, (image) =>
      backpropagated(running, image),
    );
    for await (const { image, gradient, reason = "" } of outcomes) {
      const { name, photograph, tensor } = image;
      done++;
      if (signed && gradient !== undefined && tensor === readable)
        cancellation = cancellationOf(network, { layer, cell, protocol }, photograph.index, gradient, signed);
      accumulator =
        gradient === undefined
          ? skip(accumulator, photograph.index, { name, reason })
          : add(accumulator, photograph, (sum) => collapse(colorPlanes(gradient, input), sum));
      yield { done, accumulator, name, problem: gradient === undefined ? reason : null, cancellation };
    }
  } finally {
    await given.rest.return?.();
    await program?.release();
  }
}

/** The effective receptive field: the sum over images, divided by its total or by the number of images. */
export function erfMap(accumulator: Accumulator, protocol: ProtocolName): RealMap {
  const { shape, data } = total(accumulator);
  const mass = data.reduce((sum, value) => sum + value, 0);
  const divisor = protocols[protocol].normalize && mass !== 0 ? mass : imagesIn(accumulator);
  return { shape, data: divisor === 0 ? data : data.map((value) => value / divisor) };
}
