import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-layers"; // brings TF.js's own gradients: the core by itself has none
import { ErfitError } from "../../../core/error.ts";
import { backendNames, type BackendName } from "../backends/names.ts";
import { backends } from "../backends/table.ts";
import { compositions, type Composition } from "./table.ts";
import { refuseVastWindow } from "./vast-window.ts";

const current = (): BackendName | undefined =>
  backendNames.find((name) => backends[name].registered === tf.getBackend());

/**
 * TF.js's own gradient, but for its part by the image where the composition replaces it there. Both read one list of saved
 * tensors: TF.js's own asks for the same, or for none where it does not exist.
 */
function mended(kernel: string, composition: Composition): tf.GradConfig {
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
    tf.registerGradient(mended(kernel, composition));
}
