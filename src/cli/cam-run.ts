import { openExplainer, type Explanation } from "../cam/explain.ts";
import type { Subject } from "../calibration/subject.ts";
import type { Layer } from "../engine/layers.ts";
import { viewsOf } from "../image/crops.ts";
import type { ImageSource } from "../image/listing.ts";
import type { Input } from "../image/load.ts";
import type { Preprocessing } from "../image/preprocessing.ts";
import { loadViews } from "../image/stream.ts";
import { ErfitError } from "../math/error.ts";
import { drawCam, type CamColumn, type DrawnCam } from "./cam-columns.ts";

export interface CamRun {
  readonly subject: Subject;
  readonly layer: Layer;
  /** The class to explain; undefined: the predicted one of each image. */
  readonly classIndex: number | undefined;
  readonly columns: readonly CamColumn[];
  readonly sources: readonly ImageSource[];
  readonly preprocessing: Preprocessing;
}

/** One image with its maps, in the order of the columns. */
export interface ExplainedImage {
  readonly name: string;
  readonly input: Input;
  readonly explanation: Explanation;
  readonly className: string;
  readonly cams: readonly DrawnCam[];
}

/** An image that could not be read, or whose map is not finite. */
export interface SkippedImage {
  readonly name: string;
  readonly reason: string;
}

/** Explains the images one by one, in order. */
export async function* explainAll(run: CamRun): AsyncGenerator<ExplainedImage | SkippedImage, void> {
  const { subject, layer, classIndex, columns, sources, preprocessing } = run;
  const { network, classNames } = subject;
  const { height, width, layout } = network.input;
  const explainer = await openExplainer(network, layer, classIndex);
  try {
    for await (const { view, input, problem } of loadViews(viewsOf(sources, 1), preprocessing, layout)) {
      const { name } = view;
      if (input === null) {
        yield { name, reason: problem ?? "it could not be read" };
        continue;
      }
      try {
        const explanation = await explainer.explain(input.tensor);
        const cams = columns.map((column) => drawCam(column, explanation, [height, width]));
        const index = explanation.classIndex;
        yield { name, input, explanation, className: classNames?.[index] ?? `class ${index}`, cams };
      } catch (thrown) {
        if (!(thrown instanceof ErfitError)) throw thrown;
        yield { name, reason: thrown.message };
      }
    }
  } finally {
    await explainer.release();
  }
}
