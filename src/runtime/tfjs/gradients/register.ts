import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-layers";
import { ErfitError } from "../../../core/error.ts";
import { backendNames, type BackendName } from "../backend-names.ts";
import { backends } from "../backends.ts";
import { compositions, type Composition } from "./table.ts";

/** Wider than the dilated windows of any network that is run on a map of a few cells. */
const alwaysFits = 256;

const pairOf = (value: unknown): readonly number[] =>
  (Array.isArray(value) ? value : [value, value]).map(Number);

/**
 * A window may reach beyond its map, but not by any number: the gradient goes through all its cells, or pads the map to hold it.
 * @param saved the operator's image, and its filter where it has one
 * @throws ErfitError for a window of more than twice the map's extent
 */
export function refuseVastWindow(
  kernel: string,
  saved: readonly Pick<tf.Tensor, "rank" | "shape">[],
  { filterSize, dilations = 1 }: Readonly<Record<string, unknown>>,
): void {
  const [image, filter] = saved;
  if (image?.rank !== 4) return;
  const cells = filterSize === undefined ? (filter?.shape ?? []) : pairOf(filterSize);
  for (const axis of [0, 1]) {
    const extent = image.shape[axis + 1] ?? 1;
    const reach = ((cells[axis] ?? 1) - 1) * (pairOf(dilations)[axis] ?? 1) + 1;
    if (reach > Math.max(alwaysFits, 2 * extent))
      throw new ErfitError(
        `${kernel} has a window of ${reach} ${axis === 0 ? "rows" : "columns"} over a map of ${extent}`,
      );
  }
}

const current = (): BackendName | undefined =>
  backendNames.find((name) => backends[name].registered === tf.getBackend());

/**
 * TF.js's own gradient, but for its part by the image where the composition replaces it there. Both read one list of saved
 * tensors: TF.js's own reads the same, or for none where it does not exist.
 */
function corrected(kernel: string, composition: Composition): tf.GradConfig {
  const { replaces, inputsToSave, input = "x", savesOutput = false, gradient } = composition;
  const own = tf.getGradient(kernel);
  return {
    kernelName: kernel,
    inputsToSave: [...inputsToSave],
    outputsToSave: [savesOutput],
    gradFunc(dy, saved, attrs) {
      const attributes: Readonly<Record<string, unknown>> = { ...attrs };
      if (isWindowed(kernel)) refuseVastWindow(kernel, saved, attributes);
      const backend = current();
      if (backend !== undefined && !replaces(backend, attributes)) return own.gradFunc(dy, saved, attrs);
      const [cotangent] = Array.isArray(dy) ? dy : [dy];
      if (cotangent === undefined) throw new ErfitError(`${kernel} has no cotangent`, { kind: "failure" });
      return { [input]: () => gradient(cotangent, { attributes, saved }) };
    },
  };
}

/** Kernels whose saved tensors are an image, and a filter where they have one. */
const isWindowed = (kernel: string): boolean => /Pool$|^Conv2D$|^DepthwiseConv2dNative$/.test(kernel);

let registered = false;

/** Gives TF.js the gradients of the table, once; its registry is one for all backends. */
export function registerCompositions(): void {
  if (registered) return;
  registered = true;
  for (const [kernel, composition] of Object.entries(compositions))
    tf.registerGradient(corrected(kernel, composition));
}
