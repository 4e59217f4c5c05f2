import { channelSum, elementSum, mean, sum, type CamGrid, type Channel } from "./sums.ts";

/** One way to turn a feature map and its gradient into a map of where the class is seen. */
interface CamMethod {
  readonly title: string;
  readonly paper: string;
  readonly grid: CamGrid;
  /** Negative cells become zero: on the grid, before upsampling, as pytorch-grad-cam does. */
  readonly rectify: boolean;
}

/** A method is one entry; `A` is the feature map, `G` the gradient of the class score by it. */
export const camMethods = {
  "grad-cam": {
    title: "Grad-CAM",
    paper: "Selvaraju et al. 2017",
    grid: channelSum((_, g) => mean(g)),
    rectify: true,
  },
  "grad-cam++": {
    title: "Grad-CAM++",
    paper: "Chattopadhay et al. 2018, closed form",
    grid: channelSum(gradCamPlusPlusWeight),
    rectify: true,
  },
  extended: {
    title: "Extended-CAM",
    paper: "Kim et al. 2021, Eq. 8",
    grid: elementSum((a, g) => a * g),
    rectify: false,
  },
} as const satisfies Record<string, CamMethod>;

export type CamMethodName = keyof typeof camMethods;

/** Keeps the quotient finite where gradient and activations vanish; pytorch-grad-cam's value, so that maps agree. */
const epsilon = 1e-6;

/**
 * `w = Σ_ij α_ij ReLU(g_ij)` with `α_ij = g² / (2 g² + g³ Σ a)`: Chattopadhay et al. 2018, Eqs. 10 and 19, where the score
 * is the exponential of the logit, so that its second and third derivatives are powers of the first.
 */
function gradCamPlusPlusWeight(a: Channel, g: Channel): number {
  const activation = sum(a);
  return sum(g, (slope) => {
    const rising = Math.max(slope, 0);
    return rising ** 3 / (2 * rising ** 2 + activation * rising ** 3 + epsilon);
  });
}
