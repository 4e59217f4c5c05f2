import { openExplainer, type Explainer } from "../../cam/explain.ts";
import type { Explanation } from "../../cam/explanation.ts";
import { camMethods, passesOf } from "../../cam/methods.ts";
import type { Explained } from "../../cam/explanation.ts";
import type { ScoreScale } from "../../cam/scores.ts";
import type { Warning } from "../../fit/result.ts";
import type { LoadedModel } from "../../calibration/loaded-model.ts";
import type { Layer } from "../../runtime/layers.ts";
import { partnerOf, partnersOf, seedOf } from "../../evaluate/partners.ts";
import { viewsOf } from "../../input/crops.ts";
import type { ImageSource } from "../../input/listing.ts";
import type { Input } from "../../input/load.ts";
import type { Preprocessing } from "../../input/preprocessing.ts";
import { loadViews, type LoadedView } from "../../input/stream.ts";
import { ErfitError } from "../../core/error.ts";
import { inOrder } from "../../io/in-order.ts";
import { chooserOf, type ClassChoice } from "../../cam/class-choice.ts";
import type { PassWatch } from "../../cam/passes.ts";
import { needsOther } from "../../cam/columns.ts";
import { drawCams, type Drawing, type DrawnCam } from "../../cam/cam.ts";
import type { SkippedImage as Skipped } from "../../erf/accumulator.ts";

export interface CamRun extends Drawing {
  readonly model: LoadedModel;
  readonly layer: Layer;
  readonly classes: ClassChoice;
  /** What the methods explain: the class's logit, or its probability. */
  readonly score: ScoreScale;
  readonly sources: readonly ImageSource[];
  readonly preprocessing: Preprocessing;
  /** What to know before the maps of the Gaussian are used. */
  readonly warnings: readonly Warning[];
}

/** One image with its classes' maps. */
export interface ExplainedImage {
  readonly source: ImageSource;
  readonly input: Input;
  readonly classes: readonly ExplainedClass[];
}

export interface ExplainedClass {
  readonly explanation: Explanation;
  readonly className: string;
  /** In the order of the columns. */
  readonly cams: readonly DrawnCam[];
}

/** An image that could not be read, or whose map is not finite. */
export interface SkippedImage extends Skipped {
  readonly source: ImageSource;
  /** What was thrown where it was read, but not explained. */
  readonly thrown?: ErfitError;
}

/** So many images without a map, and none with one: it is not the images. */
const hopeless = 8;

/**
 * Explains the images in order, as many at once as the engine computes.
 * @param todo those of the run's images that are to be explained; the others serve as other images only
 * @param watch who watches the passes of slow methods within an image
 * @throws Stopped within an image, where the watch asks the work to end
 */
export async function* explainAll(
  run: CamRun,
  todo: readonly ImageSource[] = run.sources,
  watch?: PassWatch,
): AsyncGenerator<ExplainedImage | SkippedImage, void> {
  if (todo.length === 0) return;
  const { model, layer, classes, score, columns, preprocessing } = run;
  const { network } = model;
  const borrows = columns.some(needsOther);
  const explainer = await openExplainer(network, layer, {
    score,
    images: todo.length * (borrows ? 2 : 1),
    requirements: new Set(columns.map(({ method }) => camMethods[method].requires)),
    classes: classes.top === 0 ? "given" : "predicted",
    watch,
  });
  try {
    const partners = borrows ? partnersOf(run.sources, run.options.seed) : null;
    const loaded = loadViews(viewsOf(todo, 1), preprocessing, network.input.layout);
    const explain = (view: LoadedView) => explainOne(run, explainer, view, partners);
    // One more than are computed at once, so that a worker never waits for this thread.
    let failed = 0;
    for await (const image of inOrder(loaded, explainer.simultaneous + 1, explain)) {
      if ("classes" in image) failed = -Infinity;
      else if (image.thrown !== undefined && ++failed >= hopeless) throw image.thrown;
      yield image;
    }
  } finally {
    await explainer.release();
  }
}

/** Passes that the methods of a run make of each image, beside the one that all share: Score-CAM one for every channel. */
export function passesEach({ columns, classes, layer, options }: CamRun): number {
  const passes = (some: readonly (typeof columns)[number][]): number =>
    [...new Set(some.map(({ method }) => method))].reduce(
      (sum, method) => sum + passesOf[camMethods[method].requires](layer.grid.channels, options),
      0,
    );
  const each = passes(columns) + passes(columns.filter(needsOther));
  return each * (classes.given.length + classes.top);
}

async function explainOne(
  run: CamRun,
  explainer: Explainer,
  { view: { source }, input, problem }: LoadedView,
  partners: ReadonlyMap<ImageSource, ImageSource> | null,
): Promise<ExplainedImage | SkippedImage> {
  const { name } = source;
  if (input === null) return { source, name, reason: problem ?? "it could not be read" };
  try {
    const explained = await explainer.explain(input.tensor, chooserOf(run.classes));
    const others = partners === null ? null : await explainedPartner(run, explainer, source, partners);
    const classes: ExplainedClass[] = [];
    for (const [k, one] of explained.entries()) {
      const other = others?.[k] ?? others?.[0] ?? null;
      classes.push(await drawClass(run, one, other, input));
    }
    return { source, input, classes };
  } catch (thrown) {
    if (!(thrown instanceof ErfitError)) throw thrown;
    return { source, name, reason: thrown.message, thrown };
  }
}

async function drawClass(
  run: CamRun,
  explained: Explained,
  other: Explained | null,
  input: Input,
): Promise<ExplainedClass> {
  const { explanation } = explained;
  const { height, width } = run.model.network.input;
  const { classIndex } = explanation;
  return {
    explanation,
    className: run.model.classNames?.[classIndex] ?? `class ${classIndex}`,
    cams: await drawCams(run, {
      explained,
      other,
      seed: seedOf(input, run.options.seed),
      size: [height, width],
    }),
  };
}

async function explainedPartner(
  { preprocessing, model, classes }: CamRun,
  explainer: Explainer,
  source: ImageSource,
  partners: ReadonlyMap<ImageSource, ImageSource>,
): Promise<readonly Explained[]> {
  const { input } = await partnerOf(source, partners, preprocessing, model.network.input.layout);
  return explainer.explain(input.tensor, chooserOf(classes));
}
