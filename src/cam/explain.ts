import type { Layer } from "../runtime/layers.ts";
import type { Network } from "../runtime/network.ts";
import { ErfitError } from "../core/error.ts";
import { largest } from "../core/scores.ts";
import { sizeOf, type Tensor } from "../core/tensor.ts";
import {
  inTurn,
  lazily,
  openForward,
  openGradient,
  openHeadGradient,
  openLogits,
  type ForwardResult,
  type Program,
} from "./programs.ts";
import { explanationOf, type Explained, type Queries, requireReachingCells } from "./explanation.ts";
import { layerTensor } from "./feature-map.ts";
import type { PassWatch } from "./passes.ts";
import { needGradient, type Requirement } from "./methods.ts";
import { objectiveScale, scoreAt, type ScoreScale } from "./scores.ts";

export interface ExplainerOptions {
  readonly score: ScoreScale;
  /** Images to come: of several, as many are computed at once as there are threads. */
  readonly images: number;
  /** What the methods need; without a gradient among it, none is computed. */
  readonly requirements: ReadonlySet<Requirement>;
  /** Whether the classes follow from each image's scores, or are given with it. */
  readonly classes: "predicted" | "given";
  /** Who watches the passes that a method makes within an image, and may end them. */
  readonly watch?: PassWatch | undefined;
}

/** Classes to explain: indices, or what chooses them by an image's logits. */
export type ClassChooser = readonly number[] | ((logits: Float32Array) => readonly number[]);

const predictedClass: ClassChooser = (logits) => [largest(logits)];

/** A network made ready to be asked about images. */
export interface Explainer {
  /** Images that are computed at the same time; more wait for their turn. */
  readonly simultaneous: number;
  /** @returns one for each of the classes, in their order; by default one, for the predicted class */
  explain(image: Tensor<"float32">, classes?: ClassChooser): Promise<readonly Explained[]>;
  /** Closes all that was opened, also by queries. */
  release(): Promise<void>;
}

/** @throws {ErfitError} where a given class is none of the network's, or none is given */
function requireClasses(
  { logits: { name, shape } }: Network,
  indices: readonly number[],
  classes: ExplainerOptions["classes"],
): void {
  if (classes === "given" && indices.length === 0)
    throw new ErfitError("the explainer was opened for given classes, and none is given", {
      kind: "failure",
    });
  const count = sizeOf(shape);
  for (const index of indices)
    if (!(Number.isInteger(index) && index >= 0 && index < count))
      throw new ErfitError(
        `class ${index} does not exist: the model's scores "${name}" are of ${count} classes, 0 to ${count - 1}`,
      );
}

/**
 * Makes one run of the engine give logits, feature map and gradient. The first class of an image costs such a run, each
 * further one a run of the head alone, where nothing passes the layer by. What only some methods ask (Score-CAM's masked
 * images, Ablation-CAM's features) is made ready when it is first asked.
 */
export async function openExplainer(
  network: Network,
  layer: Layer,
  { score, images, requirements: asks, classes, watch }: ExplainerOptions,
): Promise<Explainer> {
  const target = { network, layer, score };
  objectiveScale(score, network.probability); // refused before the first image
  const gradient = needGradient(asks);
  if (gradient) requireReachingCells(network, layer);
  const many = images * layer.grid.channels;
  const main = gradient ? await openGradient(target, classes, images) : await openForward(target, images);
  const headGradient = lazily(() => openHeadGradient(target, images));
  const givenClass = lazily(() => openGradient(target, "given", many));
  const imageLogits = lazily(() => openLogits(network, many));
  const headLogits = lazily(() => openLogits(network, many, layer.name));

  const queriesAbout = (
    image: Tensor<"float32">,
    features: Tensor<"float32">,
    classIndex: number,
  ): Queries => {
    async function scores(program: Program<Float32Array>, inputs: Iterable<Tensor<"float32">>) {
      const found: number[] = [];
      for await (const logits of inTurn(program, inputs, classIndex, { watch }))
        found.push(scoreAt(logits, classIndex, score, network.probability));
      return Float64Array.from(found);
    }
    return {
      image,
      layout: network.input.layout,
      scoresOf: async (others) => scores(await imageLogits.get(), others),
      scoresOfFeatures: async (others) => {
        function* tensors() {
          for (const other of others) yield layerTensor(other, layer, features);
        }
        return scores(await headLogits.get(), tensors());
      },
      async *explain(others) {
        for await (const result of inTurn(await withGivenClass(), others, classIndex, { watch }))
          yield explanationOf(layer, result, classIndex, score, network.probability);
      },
    };
  };

  const withGivenClass = async (): Promise<Program<ForwardResult>> =>
    gradient && classes === "given" ? main : await givenClass.get();

  /** Another class of an image that has been run. */
  async function anotherClass(
    image: Tensor<"float32">,
    first: ForwardResult,
    classIndex: number,
  ): Promise<ForwardResult> {
    if (!gradient) return first;
    const head = await headGradient.get().catch((thrown: unknown) => {
      if (thrown instanceof ErfitError) return null; // the image passes the layer by: the head is no network of its own
      throw thrown;
    });
    return head === null
      ? (await withGivenClass()).run(image, classIndex)
      : { ...first, gradient: await head.run(first.features, classIndex) };
  }

  return {
    simultaneous: main.simultaneous,
    async explain(image, chosen = predictedClass) {
      const given = typeof chosen === "function" ? [] : chosen;
      requireClasses(network, given, classes);
      const first = await main.run(image, given[0] ?? 0);
      const seen = classes === "given" ? given[0] : largest(first.logits);
      const indices = typeof chosen === "function" ? chosen(first.logits) : chosen;
      const explained = async (classIndex: number): Promise<Explained> => {
        const result = classIndex === seen ? first : await anotherClass(image, first, classIndex);
        return {
          explanation: explanationOf(layer, result, classIndex, score, network.probability),
          queries: queriesAbout(image, result.features, classIndex),
        };
      };
      return Promise.all(indices.map(explained));
    },
    async release() {
      await Promise.all(
        [main, headGradient, givenClass, imageLogits, headLogits].map((one) => one.release()),
      );
    },
  };
}
