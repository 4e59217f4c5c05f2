import { openExplainer, type Explainer } from "../cam/explain.ts";
import { controls } from "../cam/controls.ts";
import { camMethods, passesOf, type CamMethodName } from "../cam/methods.ts";
import type { PassWatch } from "../cam/passes.ts";
import type { Explained } from "../cam/explanation.ts";
import type { Layer } from "../runtime/layers.ts";
import type { Network } from "../runtime/network.ts";
import { viewsOf } from "../input/crops.ts";
import type { ImageSource } from "../input/listing.ts";
import type { Preprocessing } from "../input/preprocessing.ts";
import { loadViews, type LoadedView } from "../input/stream.ts";
import { ErfitError } from "../core/error.ts";
import type { Tensor } from "../core/tensor.ts";
import { inOrder } from "../io/in-order.ts";
import type { Design } from "./design.ts";
import { measurePhotograph, openScorer, requireConfidence, type Scorer } from "./measure.ts";
import type { ConfidenceName } from "./metrics.ts";
import { partnerOf, partnersOf, seedOf } from "./partners.ts";
import type { Photograph } from "./photograph.ts";

/** Everything that measuring a list of photographs needs. */
export interface EvaluationRun {
  readonly network: Network;
  readonly layer: Layer;
  readonly preprocessing: Preprocessing;
  readonly sources: readonly ImageSource[];
  /** The class of each image by its name; null: the one that the network predicts. */
  readonly labels: ReadonlyMap<string, number> | null;
  /** What the methods take the gradient of. */
  readonly score: "logit" | "probability";
  readonly confidence: ConfidenceName;
  readonly design: Design;
  readonly seed: number;
}

/** A photograph that could not be read, or whose map is not finite. */
export interface Skipped {
  readonly image: string;
  readonly skipped: string;
}

/**
 * Measures the photographs one by one, in order, but for those that are `done`.
 * @throws Stopped within a photograph, where the watch asks the work to end
 */
export async function* measureAll(
  run: EvaluationRun,
  done: ReadonlySet<string>,
  watch?: PassWatch,
): AsyncGenerator<Photograph | Skipped, void> {
  requireConfidence(run.network, run.confidence);
  const todo = run.sources.filter(({ name }) => !done.has(name));
  if (todo.length === 0) return;
  const { columns } = run.design;
  const borrows = columns.some(({ column: { control } }) => control !== null && controls[control].needsOther);
  const explainer = await openExplainer(run.network, run.layer, {
    score: run.score,
    images: todo.length * (borrows ? 2 : 1),
    requirements: new Set(columns.map(({ column }) => camMethods[column.method].requires)),
    classes: run.labels === null ? "predicted" : "given",
    watch,
  });
  try {
    const scorer = await openScorer(run.network, todo.length * forwardsFor(run.design), watch);
    try {
      yield* measureEach(run, todo, borrows, explainer, scorer);
    } finally {
      await scorer.release();
    }
  } finally {
    await explainer.release();
  }
}

/** Masked photographs that one photograph makes. */
const forwardsFor = ({ columns, maskings, fills, steps }: Design): number =>
  columns.reduce((sum, { curves }) => sum + maskings.length * fills.length + curves.length * (steps + 1), 0);

/** Passes through the network that one photograph takes, beside those of its explanation. */
export function passesEach({ design, layer }: Pick<EvaluationRun, "design" | "layer">): number {
  const { columns, cam } = design;
  const methods = new Set(columns.map(({ column }) => column.method));
  const borrowing = new Set(
    columns.flatMap(({ column: { control, method } }) =>
      control !== null && controls[control].needsOther ? [method] : [],
    ),
  );
  const passes = (names: Iterable<CamMethodName>): number =>
    [...names].reduce((sum, name) => sum + passesOf[camMethods[name].requires](layer.grid.channels, cam), 0);
  return forwardsFor(design) + passes(methods) + passes(borrowing);
}

/** Of two, one is explained while the other is masked. */
const photographsAtOnce = 2;

/** So many without a result, and none with one: it is not the photographs. */
const hopeless = 8;

async function* measureEach(
  run: EvaluationRun,
  todo: readonly ImageSource[],
  borrows: boolean,
  explainer: Explainer,
  scorer: Scorer,
): AsyncGenerator<Photograph | Skipped, void> {
  const { network, preprocessing, sources, seed } = run;
  const partners = borrows ? partnersOf(sources, seed) : null;
  const loaded = loadViews(viewsOf(todo, 1), preprocessing, network.input.layout);
  const measured = inOrder(loaded, photographsAtOnce, (view) =>
    measureOne(run, view, partners, explainer, scorer),
  );
  let failed = 0;
  for await (const one of measured) {
    if (!("thrown" in one)) failed = -Infinity;
    else if (++failed >= hopeless) throw one.thrown;
    yield one;
  }
}

async function measureOne(
  run: EvaluationRun,
  { view: { source }, input, problem }: LoadedView,
  partners: ReadonlyMap<ImageSource, ImageSource> | null,
  explainer: Explainer,
  scorer: Scorer,
): Promise<Photograph | Skipped | (Skipped & { readonly thrown: ErfitError })> {
  const { preprocessing, design, confidence, seed } = run;
  const { name: image } = source;
  if (input === null) return { image, skipped: problem ?? "it could not be read" };
  try {
    const photograph = {
      image,
      explained: await explainedBy(explainer, run, image, input.tensor),
      seed: seedOf(input, seed),
      other: partners === null ? null : await explainedPartner(source, partners, run, explainer),
    };
    return await measurePhotograph(photograph, design, scorer, preprocessing, confidence);
  } catch (thrown) {
    if (!(thrown instanceof ErfitError)) throw thrown;
    return { image, skipped: thrown.message, thrown };
  }
}

async function explainedBy(
  explainer: Explainer,
  { labels }: EvaluationRun,
  image: string,
  tensor: Tensor<"float32">,
): Promise<Explained> {
  const classIndex = labels?.get(image);
  const [explained] = await explainer.explain(tensor, classIndex === undefined ? undefined : [classIndex]);
  if (explained === undefined) throw new ErfitError(`${image}: it was not explained`, { kind: "failure" });
  return explained;
}

async function explainedPartner(
  photograph: ImageSource,
  partners: ReadonlyMap<ImageSource, ImageSource>,
  run: EvaluationRun,
  explainer: Explainer,
): Promise<{ readonly image: string; readonly explained: Explained }> {
  const { source, input } = await partnerOf(
    photograph,
    partners,
    run.preprocessing,
    run.network.input.layout,
  );
  return { image: source.name, explained: await explainedBy(explainer, run, source.name, input.tensor) };
}
