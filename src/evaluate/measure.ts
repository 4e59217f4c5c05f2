import { sampleCorrelation } from "simple-statistics";
import { drawCams } from "../cam/cam.ts";
import type { Explained } from "../cam/explanation.ts";
import { maskedImage, planesOf } from "../cam/masked-image.ts";
import type { PassWatch } from "../cam/passes.ts";
import { inTurn, openLogits } from "../cam/programs.ts";
import { probabilityAt } from "../cam/scores.ts";
import { ErfitError } from "../core/error.ts";
import { memoized, at } from "../core/required.ts";
import { largest } from "../core/scores.ts";
import type { RealMap, Tensor } from "../core/tensor.ts";
import type { Preprocessing } from "../input/preprocessing.ts";
import type { Network } from "../runtime/network.ts";
import { maskingTest, type Design, type EvaluatedColumn } from "./design.ts";
import { fills, keptBy, maskings, type FillName, type Mask } from "./maskings.ts";
import { areaUnder, curveMasks, curves, type ConfidenceName } from "./metrics.ts";
import type { Photograph } from "./photograph.ts";

/** Null where the scores have no probability. */
type Confidence = Readonly<Record<ConfidenceName, number | null>> & { readonly logit: number };

/** Measures a network's confidence in a class. */
export interface Scorer {
  /** In the images' order; as many are computed at once as the engine can, and no more are made than that takes. */
  confidences(images: Iterable<Tensor<"float32">>, classIndex: number): Promise<readonly Confidence[]>;
  release(): Promise<void>;
}

/** @throws ErfitError where the network's scores have no probability, and it is to be measured */
export function requireConfidence({ probability }: Network, confidence: ConfidenceName): void {
  if (probability === "none" && confidence === "probability")
    throw new ErfitError("the scores are read as they are, and have no probability that could drop", {
      remedy: "take the logit as confidence, or read the scores through a softmax or a sigmoid",
    });
}

/**
 * @param images how many are to come
 * @param watch who watches the passes, and may end them
 */
export async function openScorer(network: Network, images: number, watch?: PassWatch): Promise<Scorer> {
  const program = await openLogits(network, images);
  return {
    async confidences(masked, classIndex) {
      const found: Confidence[] = [];
      // One more than are computed at once: it is made while they are.
      for await (const logits of inTurn(program, masked, classIndex, {
        watch,
        atOnce: program.simultaneous + 1,
      }))
        found.push({
          logit: at(logits, classIndex, "class"),
          probability: probabilityAt(logits, classIndex, network.probability),
        });
      return found;
    },
    release: () => program.release(),
  };
}

/** A photograph, explained. */
interface ExplainedPhotograph {
  readonly image: string;
  readonly explained: Explained;
  /** Seed of its random controls. */
  readonly seed: number;
  /** Another one, for the control that borrows its map; null where no column has that control. */
  readonly other: { readonly image: string; readonly explained: Explained } | null;
}

/** One use of one map, until its confidence is known. */
interface MaskedUse {
  readonly column: string;
  readonly test: string;
  readonly mask: Mask;
  readonly fill: FillName;
}

/** The confidence of the photograph and of all its masked forms, by the maps of the design's columns. */
export async function measurePhotograph(
  photograph: ExplainedPhotograph,
  design: Design,
  scorer: Scorer,
  colors: Pick<Preprocessing, "mean" | "std">,
  confidence: ConfidenceName,
): Promise<Photograph> {
  const { explanation, queries } = photograph.explained;
  const { classIndex, logits, probability } = explanation;
  const { image, layout } = queries;
  const behind = memoized((fill: FillName) => fills[fill].behind(image, layout, colors));
  const maskedBy = (mask: Mask, fill: FillName) => maskedImage(image, behind(fill), mask, layout);
  const maps = await mapsOf(photograph, design);

  const masked: Photograph["masked"][number][] = [];
  for (const { key, map } of maps) {
    const uses = usesOf(key, map, design);
    const images = lazily(uses, ({ mask, fill }) => maskedBy(mask, fill));
    const found = await scorer.confidences(images, classIndex);
    uses.forEach(({ column, test, mask }, k) => {
      masked.push({ column, test, ...at(found, k, "confidence"), kept: keptBy(mask) });
    });
  }

  const areas: Photograph["curves"][number][] = [];
  for (const { key, map, of } of maps.flatMap((one) => one.curves.map((of) => ({ ...one, of })))) {
    const images = lazily(curveMasks(map, of, design.steps), (mask) => maskedBy(mask, curves[of].fill));
    const found = await scorer.confidences(images, classIndex);
    areas.push({ column: key, test: of, area: areaUnder(found.map((one) => one[confidence] ?? NaN)) });
  }

  return {
    image: photograph.image,
    classIndex,
    predicted: largest(logits),
    logit: at(logits, classIndex, "class"),
    probability,
    partner: photograph.other?.image ?? null,
    masked,
    curves: areas,
    likeness: likenesses(maps, design.resembles),
  };
}

interface NamedMap extends Pick<EvaluatedColumn, "key" | "curves"> {
  readonly map: RealMap;
}

/** The maps of all columns, at the image's size. */
async function mapsOf(
  { explained, other, seed }: ExplainedPhotograph,
  { columns, cam }: Design,
): Promise<readonly NamedMap[]> {
  const { image, layout } = explained.queries;
  const drawn = await drawCams(
    { columns: columns.map(({ column }) => column), options: cam, normalization: "none" },
    { explained, other: other?.explained ?? null, seed, size: planesOf(image, layout).size },
  );
  return drawn.map(({ map }, k) => ({ ...at(columns, k), map }));
}

const usesOf = (column: string, map: RealMap, design: Design): readonly MaskedUse[] =>
  design.maskings.flatMap((masking) => {
    const mask = maskings[masking].mask(map, design.keep);
    return design.fills.map((fill) => ({ column, test: maskingTest(masking, fill), mask, fill }));
  });

function likenesses(maps: readonly NamedMap[], to: string | null): Photograph["likeness"] {
  const standard = maps.find(({ key }) => key === to);
  if (standard === undefined) return [];
  const pixels = Array.from(standard.map.data);
  return maps.map(({ key, map }) => {
    const correlation = sampleCorrelation(Array.from(map.data), pixels);
    return { column: key, correlation: Number.isFinite(correlation) ? correlation : null };
  });
}

function* lazily<T, R>(items: Iterable<T>, of: (item: T) => R): Generator<R, void> {
  for (const item of items) yield of(item);
}
