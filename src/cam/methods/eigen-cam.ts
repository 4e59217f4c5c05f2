import { realMap, type RealMap } from "../../core/tensor.ts";
import { withGradient, type Explanation } from "../explanation.ts";
import { channelOf, emptyGrid, type FeatureMap } from "../feature-map.ts";
import type { CamOptions } from "../options.ts";
import type { Questions } from "../questions.ts";
import { leadingComponent } from "./leading-component.ts";
import { mean, weightedSum } from "./sums.ts";

/** Each channel minus its mean over the cells, in float64. */
function centered(A: FeatureMap): Float64Array {
  const cells = A.height * A.width;
  const centeredCells = Float64Array.from(A.data);
  for (let k = 0; k < A.channels; k++) {
    const average = mean(channelOf(A, k));
    for (let cell = k * cells; cell < (k + 1) * cells; cell++)
      centeredCells[cell] = (centeredCells[cell] ?? 0) - average;
  }
  return centeredCells;
}

/**
 * A singular vector has no sign of its own, and what a library returns is arbitrary: each convention answers whether the
 * projection should be turned.
 */
const isUpsideDown: Readonly<
  Record<CamOptions["eigenSign"], (projection: Float64Array, A: FeatureMap) => boolean>
> = {
  activation: (projection, A) => {
    const total = weightedSum(A, new Float64Array(A.channels).fill(1)).data;
    return projection.reduce((sum, value, cell) => sum + value * (total[cell] ?? 0), 0) < 0;
  },
  extreme: (projection) =>
    projection.reduce((far, value) => (Math.abs(value) > Math.abs(far) ? value : far), 0) < 0,
};

/** The cells projected on the first principal component of their channels (cells are the sample, channels the variables). */
function projected(A: FeatureMap, sign: CamOptions["eigenSign"]): RealMap {
  const cells = A.height * A.width;
  const projection = leadingComponent(centered(A), A.channels, cells);
  if (projection === null) return emptyGrid(A);
  const turned = isUpsideDown[sign](projection, A) ? projection.map((value) => -value) : projection;
  return realMap(A.height, A.width, turned);
}

/** Muhammad & Yeasin 2020: of the activations. It knows no class. */
export const eigenCam = ({ featureMap }: Explanation, _: Questions, { eigenSign }: CamOptions): RealMap =>
  projected(featureMap, eigenSign);

/** The same of activations times gradient, which do know the class. */
export function eigenGradCam(explanation: Explanation, _: Questions, { eigenSign }: CamOptions): RealMap {
  const { A, G } = withGradient(explanation);
  const products: FeatureMap = { ...A, data: A.data.map((a, element) => a * (G.data[element] ?? 0)) };
  return projected(products, eigenSign);
}
