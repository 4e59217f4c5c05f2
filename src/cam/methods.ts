import type { Algebra } from "../core/algebra.ts";
import { ErfitError } from "../core/error.ts";
import { keysOf } from "../core/required.ts";
import { sizeOf, type RealMap, type Shape } from "../core/tensor.ts";
import type { Explanation, Queries } from "./explanation.ts";
import { ablationCam } from "./methods/ablation-cam.ts";
import { eigenCam, eigenGradCam } from "./methods/eigen-cam.ts";
import { requireLinearHead } from "./methods/linear-head.ts";
import { scoreCam } from "./methods/score-cam.ts";
import { smoothGradCamPlusPlus } from "./methods/smooth-grad-cam-plus-plus.ts";
import { cellSum, channelSum, overCells, pixelWeights } from "./methods/sums.ts";
import type { CamOptions } from "./options.ts";

/** What a method needs of the network, each dearer than the one before it. */
export type Requirement =
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

/** Passes of one class of one image, beside the one that all methods share. */
export const passesOf: Readonly<
  Record<Requirement, (channels: number, options: Pick<CamOptions, "noiseSamples">) => number>
> = {
  features: () => 0,
  gradient: () => 0,
  "linear head": () => 0,
  "noisy images": (_, { noiseSamples }) => noiseSamples,
  "ablated features": (channels) => channels,
  "masked images": (channels) => channels,
};

const withoutGradient: ReadonlySet<Requirement> = new Set<Requirement>([
  "features",
  "ablated features",
  "masked images",
]);

/** Whether any of the methods reads the gradient; EigenCAM, Score-CAM and Ablation-CAM do not. */
export const needGradient = (asks: ReadonlySet<Requirement>): boolean =>
  [...asks].some((one) => !withoutGradient.has(one));

/**
 * The signed grid, before any ReLU, from the feature map A and the gradient G of the class's score by it, both
 * `[channels, ...]`: computed in a run, and written into an exported graph.
 */
export type CamExpression = <T extends { readonly shape: Shape }>(
  g: Algebra<T>,
  A: T,
  G: T,
  options: CamOptions,
) => T;

/** One way to turn what the network gives for an image into a map of where the class is seen. */
export type CamMethod = {
  readonly title: string;
  readonly paper: string;
  readonly requires: Requirement;
  /** Negative cells become zero: on the grid, before upsampling, as pytorch-grad-cam does. */
  readonly rectify: boolean;
} & (
  | {
      readonly expression: CamExpression;
      /** @throws ErfitError where the network is not one that the method is defined for */
      readonly condition?: (explanation: Explanation, queries: Queries) => Promise<void>;
    }
  | {
      /** The signed grid of a method that is no single expression. */
      readonly grid: (
        explanation: Explanation,
        queries: Queries,
        options: CamOptions,
      ) => RealMap | Promise<RealMap>;
      /** Why it is none: completes "it needs". */
      readonly needs: string;
    }
);

const elementSum =
  (term: CamExpression): CamExpression =>
  (g, A, G, options) =>
    g.reduceSum(term(g, A, G, options), [0], false);

const weighted =
  (weight: CamExpression): CamExpression =>
  (g, A, G, options) =>
    channelSum(g, weight(g, A, G, options), A);

/** A method is one entry. */
export const camMethods = {
  cam: {
    title: "CAM",
    paper: "Zhou et al. 2016",
    requires: "linear head",
    // The mean over the cells gives each cell its share of the gradient: w_k = H W g_k (Eqs. 1 and 2).
    expression: weighted((g, A, G) => g.mul(g.reduceMean(G, overCells(G)), sizeOf(A.shape.slice(1)))),
    condition: requireLinearHead,
    rectify: false,
  },
  "grad-cam": {
    title: "Grad-CAM",
    paper: "Selvaraju et al. 2017",
    requires: "gradient",
    expression: weighted((g, _, G) => g.reduceMean(G, overCells(G))),
    rectify: true,
  },
  "grad-cam++": {
    title: "Grad-CAM++",
    paper: "Chattopadhay et al. 2018, closed form",
    requires: "gradient",
    // Eqs. 10 and 19 where the score is the exponential of the logit: its derivatives are powers of the first.
    expression: weighted((g, A, G, options) => {
      const square = g.mul(G, G);
      const third = g.mul(g.mul(cellSum(g, A), square), G);
      return pixelWeights(g, { first: G, numerator: square, second: square, third }, options);
    }),
    rectify: true,
  },
  "smooth-grad-cam++": {
    title: "Smooth Grad-CAM++",
    paper: "Omeiza et al. 2019",
    requires: "noisy images",
    grid: smoothGradCamPlusPlus,
    needs: "gradients of noisy copies of the image",
    rectify: true,
  },
  "xgrad-cam": {
    title: "XGrad-CAM",
    paper: "Fu et al. 2020",
    requires: "gradient",
    // Gradients weighed by the activations that they act on (Eq. 8); pytorch-grad-cam's constant, so that maps agree.
    expression: weighted((g, A, G) => g.div(cellSum(g, g.mul(A, G)), g.add(cellSum(g, A), 1e-7))),
    rectify: true,
  },
  hirescam: {
    title: "HiResCAM",
    paper: "Draelos & Carin 2020",
    requires: "gradient",
    expression: elementSum((g, A, G) => g.mul(A, G)),
    rectify: true,
  },
  elementwise: {
    title: "element-wise Grad-CAM",
    paper: "pytorch-grad-cam, GradCAMElementWise",
    requires: "gradient",
    expression: elementSum((g, A, G) => g.relu(g.mul(A, G))),
    rectify: true,
  },
  layercam: {
    title: "LayerCAM",
    paper: "Jiang et al. 2021",
    requires: "gradient",
    expression: elementSum((g, A, G) => g.mul(A, g.relu(G))),
    rectify: true,
  },
  eigencam: {
    title: "EigenCAM",
    paper: "Muhammad & Yeasin 2020",
    requires: "features",
    grid: eigenCam,
    needs: "a singular value decomposition, which is no operator of ONNX",
    rectify: true,
  },
  eigengradcam: {
    title: "EigenGradCAM",
    paper: "pytorch-grad-cam, EigenGradCAM",
    requires: "gradient",
    grid: eigenGradCam,
    needs: "a singular value decomposition, which is no operator of ONNX",
    rectify: true,
  },
  "score-cam": {
    title: "Score-CAM",
    paper: "Wang et al. 2020",
    requires: "masked images",
    grid: scoreCam,
    needs: "a run of the network for every channel",
    rectify: true,
  },
  "ablation-cam": {
    title: "Ablation-CAM",
    paper: "Desai & Ramaswamy 2020",
    requires: "ablated features",
    grid: ablationCam,
    needs: "a run of the head for every channel",
    rectify: true,
  },
  extended: {
    title: "Extended-CAM",
    paper: "Kim et al. 2021, Eq. 8",
    requires: "gradient",
    expression: elementSum((g, A, G) => g.mul(A, G)),
    rectify: false,
  },
} as const satisfies Record<string, CamMethod>;

export type CamMethodName = keyof typeof camMethods;

/** Names of the methods that are one expression. */
export const graphMethods: readonly CamMethodName[] = keysOf(camMethods).filter(
  (name) => "expression" in camMethods[name],
);

/** @throws ErfitError for a method that is no single expression */
export function expressionOf(name: CamMethodName): CamExpression {
  const method: CamMethod = camMethods[name];
  if ("expression" in method) return method.expression;
  throw new ErfitError(`${name} cannot be written as one graph: it needs ${method.needs}`, {
    remedy: `export one of ${graphMethods.join(", ")}; \`erfit cam\` draws all methods`,
  });
}
