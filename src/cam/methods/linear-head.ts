import { ErfitError, optionText } from "../../core/error.ts";
import { withGradient, type Explanation, type Queries } from "../explanation.ts";
import { isEven, type FeatureMap } from "../feature-map.ts";
import { layerText } from "../../runtime/layers.ts";

/** Differences that float32 explains, as a share of the numbers that are compared. */
const tolerance = 1e-4;

const refused = ({ layer }: Explanation, why: string): ErfitError =>
  new ErfitError(
    `CAM needs a head that is linear from layer ${layerText(layer)} to the class scores, through a mean over the cells: ${why}`,
    {
      remedy: `choose another ${optionText("method")}, or a ${optionText("layer")} that only a global average pool and a linear layer follow; grad-cam and extended need no such head`,
    },
  );

const withCells = (A: FeatureMap, of: (element: number) => number): FeatureMap => ({
  ...A,
  data: A.data.map((_, element) => of(element)),
});

// Hot loops: indices are in range by construction.

/** `Σ G · A`, and the sum of the terms' sizes, which is what rounding goes by. */
function product(G: FeatureMap, A: FeatureMap): { readonly sum: number; readonly size: number } {
  let sum = 0;
  let size = 0;
  for (let element = 0; element < A.data.length; element++) {
    const term = (G.data[element] ?? 0) * (A.data[element] ?? 0);
    sum += term;
    size += Math.abs(term);
  }
  return { sum, size };
}

/**
 * Whether `score = Σ G · A + score of the zero map`, at this feature map and at two others: its negative, where a head of
 * rectified layers bends, and the map with its channels moved on by one.
 */
async function isAffine(A: FeatureMap, G: FeatureMap, score: number, queries: Queries): Promise<boolean> {
  const { length } = A.data;
  const cells = length / A.shape[0];
  const zero = withCells(A, () => 0);
  const negative = withCells(A, (element) => -(A.data[element] ?? 0));
  const moved = withCells(A, (element) => A.data[(element + cells) % length] ?? 0);
  const [bias = NaN, ...others] = await queries.scoresOfFeatures([zero, negative, moved]);
  return [A, negative, moved].every((features, k) => {
    const { sum, size } = product(G, features);
    const found = k === 0 ? score : (others[k - 1] ?? NaN);
    return Math.abs(found - (sum + bias)) <= tolerance * (size + Math.abs(bias));
  });
}

/**
 * CAM is defined where a mean over the cells and one linear layer make the scores of the layer (Zhou et al. 2016, Eqs. 1 and
 * 2): the mean of its map is then the score without the bias.
 * @throws {ErfitError} where the head is another one, which is tested and not guessed from the graph
 */
export async function requireLinearHead(explanation: Explanation, queries: Queries): Promise<void> {
  const { A, G } = withGradient(explanation);
  if (!isEven(G)) throw refused(explanation, "here the gradient differs from cell to cell");
  if (!(await isAffine(A, G, explanation.score, queries)))
    throw refused(explanation, "here the score is not the weighted sum of the features plus a constant");
}
