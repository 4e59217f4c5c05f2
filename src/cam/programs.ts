import { beginPass, type PassWatch } from "./passes.ts";
import { objectiveScale, type ScoreScale } from "./scores.ts";
import { ErfitError } from "../core/error.ts";
import { float32, sizeOf, type Tensor } from "../core/tensor.ts";
import { inOrder } from "../io/in-order.ts";
import type { Layer } from "../runtime/layers.ts";
import type { Network } from "../runtime/network.ts";

/** What one run of the network gives for an image, in the network's own layout. */
export interface ForwardResult {
  readonly logits: Float32Array;
  readonly features: Tensor<"float32">;
  /** Gradient of a class's score by the features; null where the program computes none. */
  readonly gradient: Tensor<"float32"> | null;
}

/** A run made ready: `classIndex` is read by programs whose class is given. */
export interface Program<Result> {
  readonly simultaneous: number;
  run(input: Tensor<"float32">, classIndex: number): Promise<Result>;
  release(): Promise<void>;
}

/** A layer of a network, and how the class's score is read there. */
interface Target {
  readonly network: Network;
  readonly layer: Layer;
  readonly score: ScoreScale;
}

function floats(tensor: Tensor | undefined, name: string): Tensor<"float32"> {
  if (tensor?.dtype === "float32") return tensor;
  throw new ErfitError(`tensor "${name}" is ${tensor?.dtype ?? "absent"}, not float32`, { kind: "failure" });
}

const cotangent = "class weights";

/** One at the class, zero at the others. */
function classWeights({ logits: { shape } }: Network, classIndex: number): Tensor<"float32"> {
  const weights = new Float32Array(sizeOf(shape));
  weights[classIndex] = 1;
  return float32(shape, weights);
}

const objectiveOf = (
  { network, score }: Pick<Target, "network" | "score">,
  classes: "predicted" | "given",
) => {
  const of = objectiveScale(score, network.probability);
  return classes === "predicted"
    ? ({ kind: "top", of } as const)
    : ({ kind: "cotangent", name: cotangent, of } as const);
};

/** Image to logits and features. */
export async function openForward(
  { network, layer }: Target,
  images: number,
): Promise<Program<ForwardResult>> {
  const { name } = network.logits;
  const program = await network.forward({ outputs: [name, layer.name], images });
  return {
    simultaneous: program.simultaneous,
    async run(image) {
      const [logits, features] = await program.run(image);
      return { logits: floats(logits, name).data, features: floats(features, layer.name), gradient: null };
    },
    release: () => program.release(),
  };
}

/** Image to logits, features and gradient in one run; the predicted class is chosen inside the graph. */
export async function openGradient(
  { network, layer, score }: Target,
  classes: "predicted" | "given",
  images: number,
): Promise<Program<ForwardResult>> {
  const { name } = network.logits;
  const program = await network.differentiate({
    target: name,
    objective: objectiveOf({ network, score }, classes),
    withRespectTo: layer.name,
    alongside: [name, layer.name],
    images,
  });
  return {
    simultaneous: program.simultaneous,
    async run(image, classIndex) {
      const weights = classes === "given" ? { cotangent: classWeights(network, classIndex) } : {};
      const { gradient, alongside } = await program.run({ image, ...weights });
      const [logits, features] = alongside;
      return { logits: floats(logits, name).data, features: floats(features, layer.name), gradient };
    },
    release: () => program.release(),
  };
}

/** Features to the gradient of a class's score: the head alone, forward and backward. */
export async function openHeadGradient(
  { network, layer, score }: Target,
  images: number,
): Promise<Program<Tensor<"float32">>> {
  const program = await network.differentiate({
    target: network.logits.name,
    objective: objectiveOf({ network, score }, "given"),
    from: layer.name,
    images,
  });
  return {
    simultaneous: program.simultaneous,
    async run(image, classIndex) {
      const { gradient } = await program.run({ image, cotangent: classWeights(network, classIndex) });
      return gradient;
    },
    release: () => program.release(),
  };
}

/** Image, or features where `from` names their layer, to logits. */
export async function openLogits(
  network: Network,
  images: number,
  from?: string,
): Promise<Program<Float32Array>> {
  const { name } = network.logits;
  const program = await network.forward({
    outputs: [name],
    images,
    ...(from === undefined ? {} : { from }),
  });
  return {
    simultaneous: program.simultaneous,
    async run(input) {
      const [logits] = await program.run(input);
      return floats(logits, name).data;
    },
    release: () => program.release(),
  };
}

/** A program that is opened when it is first asked for. */
interface Lazy<P> {
  get(): Promise<P>;
  release(): Promise<void>;
}

export function lazily<P extends { release(): Promise<void> }>(open: () => Promise<P>): Lazy<P> {
  let opened: Promise<P> | undefined;
  return {
    get: () => (opened ??= open()),
    release: async () => {
      await opened?.then(
        (program) => program.release(),
        () => undefined, // what did not open holds nothing
      );
    },
  };
}

/** A synchronous iterable, as `inOrder` takes it; each item begins a pass. */
async function* watched<Item>(
  items: Iterable<Item>,
  watch: PassWatch | undefined,
): AsyncGenerator<Item, void> {
  for (const item of items) {
    beginPass(watch);
    yield await Promise.resolve(item);
  }
}

/**
 * A program's results, in order, `atOnce` computed at a time.
 * @throws Stopped before the next pass, where the work was asked to end
 */
export async function* inTurn<Result>(
  program: Program<Result>,
  inputs: Iterable<Tensor<"float32">>,
  classIndex: number,
  {
    watch,
    atOnce = program.simultaneous,
  }: { readonly watch?: PassWatch | undefined; readonly atOnce?: number } = {},
): AsyncGenerator<Result, void> {
  yield* inOrder(watched(inputs, watch), atOnce, (input) => program.run(input, classIndex));
}
