import { camGrid } from "../../cam/cam.ts";
import { openExplainer } from "../../cam/explain.ts";
import type { CamGraphRequest } from "../../cam/cam-graph.ts";
import { camMethods } from "../../cam/methods.ts";
import type { Network } from "../../runtime/network.ts";
import { random } from "../../core/random.ts";
import { float32, sizeOf } from "../../core/tensor.ts";

/** Whether a method's own conditions can fail here: CAM's linear head, a gradient that reaches more than a class token. */
const needsTrial = ({ column: { method }, layer: { grid } }: CamGraphRequest): boolean =>
  camMethods[method].asks === "linear head" || grid.prefixTokens > 0;

/**
 * Draws one random image the usual way, where a method may refuse the network: what is no map should be no file either.
 * @throws ErfitError the method's refusal
 */
export async function tryOut(network: Network, request: CamGraphRequest): Promise<void> {
  if (!needsTrial(request)) return;
  const { layer, score, classIndex, column } = request;
  const explainer = await openExplainer(network, layer, {
    score,
    images: 1,
    asks: new Set([camMethods[column.method].asks]),
    classes: classIndex === undefined ? "predicted" : "given",
  });
  try {
    const { shape } = network.input;
    const next = random(0);
    const image = float32(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => next()),
    );
    const [explained] = await explainer.explain(image, classIndex === undefined ? undefined : [classIndex]);
    if (explained === undefined) throw new Error("an image has a class to explain");
    await camGrid(column.method, explained);
  } finally {
    await explainer.release();
  }
}
