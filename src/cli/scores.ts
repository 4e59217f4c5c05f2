import type { Options } from "yargs";
import { chosenCamLayer, chosenLayer, type Subject } from "../calibration/subject.ts";
import type { Layer } from "../runtime/layers.ts";
import type { Network, TensorInfo } from "../runtime/network.ts";
import { looksLikeEmbedding, scoreSources, scoresClasses } from "../runtime/outputs.ts";
import type { StatedGrid } from "../runtime/feature-grid.ts";
import { sizeOf } from "../core/tensor.ts";
import type { Voice } from "./voice.ts";

/** Which output is explained, and how its scores are read. */

export const outputOption = {
  output: {
    type: "string",
    describe:
      "output that holds the classes' scores, or a tensor before it [the output that looks most like class scores]",
  },
} as const satisfies Readonly<Record<string, Options>>;

export const scoreFromOption = {
  "score-from": {
    choices: scoreSources,
    describe:
      "how a score becomes a probability: by a softmax over all classes, by a sigmoid of each, or not at all (logit) [as the output ends; one score: sigmoid]",
  },
} as const satisfies Readonly<Record<string, Options>>;

const shown = ({ name, shape }: Pick<TensorInfo, "name" | "shape">): string =>
  `"${name}" [${shape.join(", ")}]`;

/** Says which of several outputs the classes' scores are read from. */
export function noteOutput({ network, file }: Subject, voice: Voice): void {
  const { output, outputs } = network;
  if (!scoresClasses(network)) return;
  if (outputs.length > 1)
    voice.note(
      `${file}: outputs ${outputs.map(shown).join(", ")}; the class scores are read from "${output.name}" (--output names another)`,
    );
  if (looksLikeEmbedding(network))
    voice.note(
      `${file}: output ${shown(output)} is named like an embedding: what is explained are its elements, and they may not be classes`,
    );
}

const readings: Readonly<Record<Network["probability"], ((network: Network) => string) | null>> = {
  softmax: null,
  sigmoid({ output, logits }) {
    const classes = sizeOf(output.shape);
    if (classes > 1)
      return `each of the ${classes} classes has the probability that a sigmoid gives its score`;
    return output.name === logits.name
      ? "its one score has the probability that a sigmoid gives it"
      : "its probability is that of the sigmoid that it ends in";
  },
  identity: () => "it holds probabilities, which are taken as they are",
  none: () => "its scores are taken as they are, without probabilities",
};

/** Says how scores become probabilities, where it is not by a softmax over all of them. */
export function noteProbability({ network, file }: Subject, voice: Voice): void {
  const reading = readings[network.probability];
  if (reading !== null)
    voice.note(`${file}: output "${network.output.name}": ${reading(network)} (--score-from changes that)`);
}

/** Says where maps are drawn, where that is not the default layer of the other commands. */
export function noteCamLayer(
  subject: Subject,
  layer: Layer,
  stated: StatedGrid | undefined,
  voice: Voice,
): void {
  const usual = chosenLayer(subject, undefined, stated);
  if (usual.name !== layer.name)
    voice.note(
      `${subject.file}: the class scores read only the class token of "${usual.name}", so maps are drawn at "${layer.name}", the last layer whose cells reach them`,
    );
}

/** Says, where another layer is measured, which one class activation maps would need. */
export function noteLayerForCam(
  subject: Subject,
  layer: Layer,
  stated: StatedGrid | undefined,
  voice: Voice,
): void {
  if (!scoresClasses(subject.network)) return;
  const drawn = chosenCamLayer(subject, undefined, stated);
  if (drawn.name !== layer.name)
    voice.note(
      `the class scores read only the class token of "${layer.name}": for class activation maps measure --layer "${drawn.name}"`,
    );
}
