import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { ErfitError } from "../../core/error.ts";
import type { CamMethodName } from "../methods.ts";
import { defaultCamOptions } from "../options.ts";
import { silence } from "../methods/xgrad-cam.ts";

/** The signed grid `[H, W]` from the feature map A and the gradient G of the class's score by it, both `[C, H, W]`. */
type GridExpression = (g: Builder, A: Value, G: Value) => Value;

/** Over the cells of each channel: `[C, 1, 1]`. */
const sum = (g: Builder, map: Value): Value => g.reduceSum(map, [1, 2]);
const mean = (g: Builder, map: Value): Value => g.reduceMean(map, [1, 2]);

/** `L_ij = Σ_k term_kij`. */
const elementSum =
  (term: GridExpression): GridExpression =>
  (g, A, G) =>
    g.reduceSum(term(g, A, G), [0], false);

/** `L = Σ_k w_k A_k`, one weight for each channel. */
const channelSum = (weight: GridExpression): GridExpression =>
  elementSum((g, A, G) => g.mul(weight(g, A, G), A));

/** What keeps a method from being one expression: completes "it needs". */
interface Beyond {
  readonly needs: string;
}

/** The methods of `../methods.ts` as expressions of a graph; the same names, the same formulas. */
const expressions: Readonly<Record<CamMethodName, GridExpression | Beyond>> = {
  cam: channelSum((g, A, G) => g.mul(mean(g, G), cells(A))),
  "grad-cam": channelSum((g, _, G) => mean(g, G)),
  "grad-cam++": channelSum(gradCamPlusPlusWeight),
  "smooth-grad-cam++": { needs: "gradients of noisy copies of the image" },
  "xgrad-cam": channelSum((g, A, G) => g.div(sum(g, g.mul(A, G)), g.add(sum(g, A), silence))),
  hirescam: elementSum((g, A, G) => g.mul(A, G)),
  elementwise: elementSum((g, A, G) => g.relu(g.mul(A, G))),
  layercam: elementSum((g, A, G) => g.mul(A, g.relu(G))),
  eigencam: { needs: "a singular value decomposition, which is no operator of ONNX" },
  eigengradcam: { needs: "a singular value decomposition, which is no operator of ONNX" },
  "score-cam": { needs: "a run of the network for every channel" },
  "ablation-cam": { needs: "a run of the head for every channel" },
  extended: elementSum((g, A, G) => g.mul(A, G)),
};

/** `Σ_ij r³ / (2 r² + r³ Σ a + ε)` with `r = ReLU(g)`: see the numeric method. */
function gradCamPlusPlusWeight(g: Builder, A: Value, G: Value): Value {
  const rising = g.relu(G);
  const square = g.mul(rising, rising);
  const cube = g.mul(square, rising);
  const divisor = g.add(g.add(g.mul(square, 2), g.mul(sum(g, A), cube)), defaultCamOptions.plusPlusEpsilon);
  return sum(g, g.div(cube, divisor));
}

const cells = ({ shape: [, height = 1, width = 1] }: Value): number => height * width;

const isExpression = (rule: GridExpression | Beyond): rule is GridExpression => typeof rule === "function";

/** Names of the methods that are one expression. */
export const graphMethods: readonly CamMethodName[] = Object.entries(expressions).flatMap(([name, rule]) =>
  isExpression(rule) ? [name as CamMethodName] : [],
);

/** @throws ErfitError for a method that is no single expression */
export function expressionOf(method: CamMethodName): GridExpression {
  const rule = expressions[method];
  if (isExpression(rule)) return rule;
  throw new ErfitError(`${method} cannot be written as one graph: it needs ${rule.needs}`, {
    remedy: `export one of ${graphMethods.join(", ")}; \`erfit cam\` draws all methods`,
  });
}
