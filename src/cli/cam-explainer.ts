import { openExplainer, type ExplainerOptions } from "../cam/explain.ts";
import type { Explained } from "../cam/questions.ts";
import type { Layer } from "../engine/layers.ts";
import type { Network } from "../engine/network.ts";
import { ErfitError } from "../math/error.ts";
import type { Tensor } from "../math/tensor.ts";
import { classesOf, isPredicted, type ClassChoice } from "./cam-classes.ts";

/** Explains the chosen classes of each image. */
export interface ClassExplainer {
  readonly simultaneous: number;
  explain(image: Tensor<"float32">): Promise<readonly Explained[]>;
  release(): Promise<void>;
}

export async function openClassExplainer(
  network: Network,
  layer: Layer,
  choice: ClassChoice,
  options: Omit<ExplainerOptions, "classes">,
): Promise<ClassExplainer> {
  const classes = isPredicted(choice) ? "predicted" : "given";
  const explainer = await openExplainer(network, layer, { ...options, classes });
  const { simultaneous } = explainer;
  const release = () => explainer.release();
  if (isPredicted(choice)) return { simultaneous, explain: (image) => explainer.explain(image), release };
  if (choice.top === 0) {
    const given = classesOf(choice, []);
    return { simultaneous, explain: (image) => explainer.explain(image, given), release };
  }
  // Which scores are the highest is known only after a pass of its own.
  const { name } = network.logits;
  const ranking = await network.forward({ outputs: [name], images: options.images });
  return {
    simultaneous,
    async explain(image) {
      const [logits] = await ranking.run(image);
      if (logits?.dtype !== "float32")
        throw new ErfitError(`the engine returned no "${name}" of float32`, { kind: "failure" });
      return explainer.explain(image, classesOf(choice, logits.data));
    },
    async release() {
      await Promise.all([ranking.release(), release()]);
    },
  };
}
