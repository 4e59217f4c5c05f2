import type { RealMap } from "../core/tensor.ts";
import type { Explanation } from "./explanation.ts";
import type { CamOptions } from "./options.ts";
import type { Questions } from "./questions.ts";

/** What a method needs of the network, each dearer than the one before it. */
export type Asks =
  /** The feature map alone: one forward pass. */
  | "features"
  /** The gradient by the feature map: one run forward and backward. */
  | "gradient"
  /** A few runs of the head, which must be linear. */
  | "linear head"
  /** A gradient for every noisy copy of the image. */
  | "noisy images"
  /** A run of the head for every channel. */
  | "ablated features"
  /** A forward pass for every channel. */
  | "masked images";

/** One way to turn what the network says of an image into a map of where the class is seen. */
export interface CamMethod {
  readonly title: string;
  readonly paper: string;
  readonly asks: Asks;
  /** Negative cells become zero: on the grid, before upsampling, as pytorch-grad-cam does. */
  readonly rectify: boolean;
  /** Signed map at the feature map's resolution, before any ReLU. */
  readonly grid: (
    explanation: Explanation,
    questions: Questions,
    options: CamOptions,
  ) => RealMap | Promise<RealMap>;
}

const withoutGradient: ReadonlySet<Asks> = new Set<Asks>(["features", "ablated features", "masked images"]);

/** Whether any of the methods reads the gradient; EigenCAM, Score-CAM and Ablation-CAM do not. */
export const needGradient = (asks: ReadonlySet<Asks>): boolean =>
  [...asks].some((one) => !withoutGradient.has(one));
