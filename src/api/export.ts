import { optionsOf, silent } from "./call.ts";
import { requireModel, type Model } from "./model.ts";
import { exportCamOptions, exportedCam } from "../tasks/export/cam.ts";
import { exportedErf, exportErfOptions } from "../tasks/export/erf.ts";
import { exportedFile, type ExportedGraph, type Facts } from "../tasks/export/file.ts";
import type { GivenOptions } from "../tasks/option.ts";

/** Which map the graph draws, of which layer and class. */
export interface ExportCamOptions extends GivenOptions<typeof exportCamOptions> {}

/** Of which cell the graph takes the gradient, and what it makes of it. */
export interface ExportErfOptions extends GivenOptions<typeof exportErfOptions> {}

/** A graph as an ONNX file. */
export interface ExportedOnnx {
  /** The bytes of the file. */
  readonly onnx: Uint8Array;
  /** One sentence: what it computes. */
  readonly what: string;
  /** Its inputs and outputs with their types and shapes. */
  readonly signature: string;
  /** What its metadata records, there named `erfit.…`. */
  readonly facts: Facts;
}

function fileOf(exported: ExportedGraph): ExportedOnnx {
  const { what, facts } = exported;
  const { bytes, signature } = exportedFile(exported);
  return { onnx: bytes, what, signature, facts };
}

/**
 * A class activation map as one ONNX file, for any ONNX Runtime: from the image to logits, class index, grid and map.
 *
 * @throws ErfitError for a TF.js model, a method that is no graph (Score-CAM), and one that the network does not allow
 * @example
 * ```ts
 * import { exportCam, openModel } from "erfit";
 *
 * const model = await openModel("models/vgg16-sample.onnx");
 * const { onnx, signature } = await exportCam(model, { method: "grad-cam", class: "dog" });
 * console.log(onnx.length > 1e6, signature);
 * await model.close();
 * ```
 */
export async function exportCam(model: Model, options: ExportCamOptions = {}): Promise<ExportedOnnx> {
  const { opened } = requireModel("exportCam", model);
  const checked = optionsOf("exportCam", exportCamOptions, options).options;
  return fileOf(await exportedCam(checked, opened, silent));
}

/**
 * The gradient of a cell as one ONNX file, for any ONNX Runtime: from the image to its share of the effective receptive field.
 *
 * @throws ErfitError for a TF.js model, or a layer or cell that the network does not have
 * @example
 * ```ts
 * import { exportErf, openModel } from "erfit";
 *
 * const model = await openModel("models/vgg16-sample.onnx");
 * const { what, signature } = await exportErf(model, { layer: "block2_conv2" });
 * console.log(what, signature);
 * await model.close();
 * ```
 */
export async function exportErf(model: Model, options: ExportErfOptions = {}): Promise<ExportedOnnx> {
  const { opened } = requireModel("exportErf", model);
  const checked = optionsOf("exportErf", exportErfOptions, options).options;
  return Promise.resolve(fileOf(exportedErf(checked, opened, silent)));
}
