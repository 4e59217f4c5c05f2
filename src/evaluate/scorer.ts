import { probabilityAt } from "../cam/scores.ts";
import type { Network, ProbabilityRule } from "../runtime/network.ts";
import { ErfitError } from "../core/error.ts";
import type { Tensor } from "../core/tensor.ts";
import { inOrder } from "../io/in-order.ts";
import type { ConfidenceName } from "./metrics.ts";

/** Null where the scores have no probability. */
type Confidence = Readonly<Record<ConfidenceName, number | null>> & { readonly logit: number };

/** Asks a network for its confidence in a class. */
export interface Scorer {
  /** In the images' order; as many are computed at once as the engine can, and no more are made than that takes. */
  confidences(images: Iterable<Tensor<"float32">>, classIndex: number): Promise<readonly Confidence[]>;
  release(): Promise<void>;
}

/** Logit of a class, and its probability. */
const confidenceIn = (logits: Float32Array, classIndex: number, rule: ProbabilityRule): Confidence => ({
  logit: logits[classIndex] ?? Number.NaN,
  probability: probabilityAt(logits, classIndex, rule),
});

/** @throws ErfitError where the network's scores have no probability, and it is to be measured */
export function requireConfidence({ probability }: Network, confidence: ConfidenceName): void {
  if (probability === "none" && confidence === "probability")
    throw new ErfitError("the scores are read as they are, and have no probability that could drop", {
      remedy: "take the logit as confidence, or read the scores through a softmax or a sigmoid",
    });
}

/** @param images how many are to come */
export async function openScorer(network: Network, images: number): Promise<Scorer> {
  const { name } = network.logits;
  const forward = await network.forward({ outputs: [name], images });
  return {
    async confidences(images, classIndex) {
      const found: Confidence[] = [];
      // One more than are computed at once: it is made while they are.
      const scored = inOrder(inTurn(images), forward.simultaneous + 1, async (image) => {
        const [logits] = await forward.run(image);
        if (logits?.dtype !== "float32")
          throw new ErfitError(`tensor "${name}" is not float32`, { kind: "failure" });
        return confidenceIn(logits.data, classIndex, network.probability);
      });
      for await (const confidence of scored) found.push(confidence);
      return found;
    },
    release: () => forward.release(),
  };
}

async function* inTurn<T>(items: Iterable<T>): AsyncGenerator<T, void> {
  for (const item of items) yield await Promise.resolve(item);
}
