import { at } from "../core/required.ts";
import { ErfitError, listed, optionText } from "../core/error.ts";
import { nearestOf } from "../core/suggestion.ts";
import { sizeOf, type Shape } from "../core/tensor.ts";
import type { Network, NetworkOutput, ProbabilityRule, TensorInfo } from "./network.ts";

/** Which of a network's outputs holds the classes' scores, and how they are read. */

/** Whether a shape is one number a class: `[K]`, `[1, K]`, `[1, K, 1, 1]`; a number a pixel, box or token is not. */
export const isClassVector = (shape: Shape): boolean => shape.filter((extent) => extent !== 1).length <= 1;

const isFloat = ({ dtype }: NetworkOutput): boolean => dtype === "float32" || dtype === "float64";

const shown = ({ name, shape }: Pick<TensorInfo, "name" | "shape">): string =>
  `"${name}" [${shape.join(", ")}]`;

/** Whether another output has four coordinates, or an integer label, for each element of this one: a detector's boxes. */
function isPerBox({ name, shape }: TensorInfo, network: Network): boolean {
  const count = sizeOf(shape);
  const hasBoxes = (other: NetworkOutput): boolean =>
    other.shape.at(-1) === 4 && other.shape.at(-2) === count;
  /** Integers that are made of these very elements rank or round them. */
  const hasLabels = (other: NetworkOutput): boolean =>
    !isFloat(other) && sizeOf(other.shape) === count && !network.sourcesOf(other.name).has(name);
  return (
    count > 1 && network.outputs.some((other) => other.name !== name && (hasBoxes(other) || hasLabels(other)))
  );
}

/** Whether an output can be class scores. */
const canScore = (output: NetworkOutput, network: Network): boolean =>
  isFloat(output) &&
  isClassVector(output.shape) &&
  network.ending(output.name).kind !== "indices" &&
  !isPerBox(output, network);

/** What is known beside the network. */
export interface OutputHints {
  /** The output that the sidecar names. */
  readonly name?: string | undefined;
  /** Number of class names. */
  readonly classes?: number | undefined;
}

type Preference = (output: NetworkOutput, network: Network, hints: OutputHints) => number;

const likeScores = /logit|score|prob|class|cls|pred|softmax|sigmoid|output/i;
const unlikeScores = /aux|embed|feat|hidden|pool|latent|proj|repr|state|dist/i;

/** What makes an output the likelier one, the weightiest first: the greatest number counts, then the file's order. */
const preferences: readonly Preference[] = [
  // the sidecar names it
  ({ name }, _, hints) => Number(name === hints.name),
  // as many elements as there are class names
  ({ shape }, _, { classes }) => Number(sizeOf(shape) === classes),
  // no other candidate is computed from it, as scores are from an embedding
  ({ name }, network) =>
    -candidatesOf(network).filter((other) => other.name !== name && network.sourcesOf(other.name).has(name))
      .length,
  // most feature maps lead to it, as to the main classifier and not to an auxiliary one
  ({ name }, network) => {
    const sources = network.sourcesOf(name);
    return network.tensors.filter((tensor) => sources.has(tensor.name) && !isClassVector(tensor.shape))
      .length;
  },
  // its name
  ({ name }) => Number(likeScores.test(name)) - Number(unlikeScores.test(name)),
];

const candidatesOf = (network: Network): readonly NetworkOutput[] =>
  network.outputs.filter((output) => canScore(output, network));

/** The output that looks most like class scores; undefined where none does. */
function likeliest(network: Network, hints: OutputHints): NetworkOutput | undefined {
  const candidates = candidatesOf(network);
  if (candidates.length < 2) return candidates[0];
  const ranked = candidates.map((output) => ({
    output,
    ranks: preferences.map((preference) => preference(output, network, hints)),
  }));
  return ranked.toSorted((a, b) => {
    const decisive = a.ranks.findIndex((rank, k) => rank !== b.ranks[k]);
    return decisive < 0 ? 0 : at(b.ranks, decisive) - at(a.ranks, decisive);
  })[0]?.output;
}

/** The scores that a tensor of a network is read from: the tensor itself, or what its softmax or sigmoid reads. */
export function readFrom(
  network: Pick<Network, "tensors" | "ending">,
  output: TensorInfo,
): Pick<Network, "output" | "logits" | "probability"> {
  const ending = network.ending(output.name);
  const of = ending.kind === "softmax" || ending.kind === "sigmoid" ? ending.of : output.name;
  const logits = network.tensors.find(({ name }) => name === of);
  if (logits === undefined) return { output, logits: output, probability: "identity" };
  return { output, logits, probability: ruleOf(ending.kind, sizeOf(output.shape)) };
}

/** One score has no others to compete with: its probability is a sigmoid's. */
function ruleOf(ending: ReturnType<Network["ending"]>["kind"], classes: number): ProbabilityRule {
  switch (ending) {
    case "softmax":
    case "sigmoid":
      return ending;
    case "probabilities":
      return "identity";
    default:
      return classes === 1 ? "sigmoid" : "softmax";
  }
}

/** The output or tensor of that name. @throws ErfitError where the image reaches none, with the nearest names */
function namedOutput(network: Network, name: string): TensorInfo {
  const found = [...network.outputs, ...network.tensors].find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = [...network.outputs, ...network.tensors].map((one) => one.name);
  const nearest = nearestOf(name, names).slice(0, 3);
  throw new ErfitError(`no output named "${name}"`, {
    remedy: `nearest names: ${nearest.join(", ")}; the model's outputs: ${listed(network.outputs.map(shown))}`,
  });
}

/** The part of a network that leads to a tensor. */
function leadingTo(network: Network, { name }: TensorInfo): Network {
  const sources = network.sourcesOf(name);
  const beyond = network.tensors.filter((tensor) => !sources.has(tensor.name));
  return {
    ...network,
    tensors: network.tensors.filter((tensor) => sources.has(tensor.name)),
    offPath: new Set([...network.offPath, ...beyond.map((tensor) => tensor.name)]),
  };
}

/**
 * The network, with the scores read from the named output or tensor, and nothing but what leads to it; without a name from
 * the output that looks most like class scores, else from the first one.
 * @throws ErfitError where there is no such tensor
 */
export function withOutput(network: Network, name: string | undefined, hints: OutputHints = {}): Network {
  if (name === undefined) {
    const output = likeliest(network, hints);
    return output === undefined ? network : { ...network, ...readFrom(network, output) };
  }
  const output = namedOutput(network, name);
  return { ...leadingTo(network, output), ...readFrom(network, output) };
}

/** How scores are read in place of what the network ends in: `logit` reads them as they are. */
export const scoreSources = ["softmax", "sigmoid", "logit"] as const;
export type ScoreSource = (typeof scoreSources)[number];

/** The network, with its scores read in another way than its output says. Probabilities stay probabilities as they are. */
export function withScoresFrom(network: Network, source: ScoreSource | undefined): Network {
  if (source === undefined) return network;
  if (source !== "logit") return { ...network, probability: source };
  return { ...network, probability: network.probability === "identity" ? "identity" : "none" };
}

/** The part of a network that leads to its class scores; the whole network where it has none. */
export const towardsScores = (network: Network): Network =>
  network.outputs.length > 1 && scoresClasses(network) ? leadingTo(network, network.logits) : network;

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(" and ");

interface Problem {
  readonly why: string;
  /** The remedy. */
  readonly instead: string;
}

/** Why a network's output holds no score a class; null where it does. */
function whyNoScores(network: Network): Problem | null {
  const { output } = network;
  const ending = network.ending(output.name);
  if (ending.kind === "indices") {
    const { operator, of } = ending;
    return of.length === 0
      ? { why: `comes from ${operator}, which has no gradient`, instead: otherOutput(network) }
      : {
          why: `comes from ${operator} of ${quoted(of)}, and no gradient leads through ${operator}`,
          instead: `choose the tensor before it with ${of.map((name) => optionText("output", name)).join(" or ")}`,
        };
  }
  if (!isClassVector(output.shape))
    return {
      why: "holds scores at many places (pixels, boxes or tokens), not one score a class",
      instead: otherOutput(network),
    };
  return isPerBox(output, network)
    ? { why: "holds one score a box, not one score a class", instead: otherOutput(network) }
    : null;
}

/** What to choose in place of an output without class scores. */
function otherOutput(network: Network): string {
  const candidate = likeliest(network, {});
  return candidate === undefined
    ? `choose an output or tensor of shape [1, classes] with ${optionText("output")}`
    : `choose ${shown(candidate)} with ${optionText("output", candidate.name)}`;
}

/** Whether a network's output is one score a class. */
export const scoresClasses = (network: Network): boolean => whyNoScores(network) === null;

const embeddings = /embed|pooler|latent|feature/i;

/** Whether the name of a network's output suggests an embedding, not classes. */
export const looksLikeEmbedding = ({ output: { name } }: Network): boolean => embeddings.test(name);

const refusal = (network: Network, file: string, { why, instead }: Problem, more = ""): ErfitError =>
  new ErfitError(`${file}: output ${shown(network.output)} ${why}`, { remedy: `${instead}${more}` });

/** @throws ErfitError where the network's output is not one score a class */
export function requireClassScores(network: Network, file: string): void {
  const problem = whyNoScores(network);
  if (problem !== null) throw refusal(network, file, problem, "; calibrate and probe need no classes");
}

/** @throws ErfitError where the network's output holds places or decisions */
export function requireGradient(network: Network, file: string): void {
  const problem = whyNoScores(network);
  if (problem !== null && network.ending(network.output.name).kind === "indices")
    throw refusal(network, file, problem);
}
