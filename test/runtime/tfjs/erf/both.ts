import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { calibrate, type CalibratedErf } from "../../../../src/calibration/calibrate.ts";
import {
  chosenCell,
  chosenLayer,
  chosenPreprocessing,
  loadModel,
} from "../../../../src/calibration/loaded-model.ts";
import type { OpenOptions } from "../../../../src/runtime/open.ts";
import { listImages, type ImageSource } from "../../../../src/input/listing.ts";
import { fill, scratchFolder } from "../../../input/pictures.ts";
import { asOnnx } from "../twins/as-onnx.ts";
import type { ModelFiles } from "../twins/files.ts";
import type { Twin } from "../twins/network.ts";

const inCheckout = (path: string): string => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));

export const sampleModel = inCheckout("models/vgg16-sample.onnx");

/** The photographs that ship. */
export const photographs = (count: number): Promise<readonly ImageSource[]> =>
  listImages([inCheckout("photos")]).then((all) => all.slice(0, count));

/** The ERF of a network's layer over photographs, Keras preprocessing. */
async function erfOf(
  path: string,
  layerName: string,
  sources: readonly ImageSource[],
  options: OpenOptions,
): Promise<CalibratedErf> {
  const model = await loadModel(path, options);
  const layer = chosenLayer(model, layerName);
  return calibrate({
    model,
    layer,
    geometry: chosenCell(model, layer, { kind: "central" }),
    protocol: "openerf",
    photographs: sources,
    crops: 1,
    shuffled: null,
    preprocessing: chosenPreprocessing(model, "caffe", {}),
  });
}

/** The same network's ERF in ONNX Runtime and in TF.js. */
export async function inBoth(
  twin: Twin,
  tfjs: (twin: Twin) => ModelFiles,
  layer: string,
  sources: readonly ImageSource[],
  backend: NonNullable<OpenOptions["backend"]>,
) {
  const folder = await scratchFolder();
  await fill(folder, { "net.onnx": asOnnx(twin) });
  await fill(join(folder, "tfjs"), tfjs(twin));
  return {
    onnx: await erfOf(join(folder, "net.onnx"), layer, sources, { threads: 1 }),
    tfjs: await erfOf(join(folder, "tfjs"), layer, sources, { threads: 0, backend }),
  };
}

/** Relative L2 without the pixels that differ most: one arg-max that rounding decides otherwise moves a few hundred. */
function relativeL2Without(most: number, found: Float64Array, expected: Float64Array): number {
  const squares = expected.map((value, k) => ((found[k] ?? 0) - value) ** 2).sort();
  const kept = squares.subarray(0, squares.length - Math.floor(most * squares.length));
  const norm = expected.reduce((sum, value) => sum + value ** 2, 0);
  return Math.sqrt(kept.reduce((sum, square) => sum + square, 0) / norm);
}

/** Maps within 1e-4 in relative L2 but for half a percent of the pixels, and with them still close; sigmas within 1e-4. */
export function expectSameErf(tfjs: CalibratedErf, onnx: CalibratedErf): void {
  expect(relativeL2Without(0.005, tfjs.map.data, onnx.map.data)).toBeLessThan(1e-4);
  expect(relativeL2Without(0, tfjs.map.data, onnx.map.data)).toBeLessThan(5e-3);
  const [found, expected] = [tfjs.calibration.fit, onnx.calibration.fit];
  for (const name of ["sigmaX", "sigmaY"] as const) {
    const [sigma, wanted] = [found?.[name].value ?? NaN, expected?.[name].value ?? NaN];
    expect(Math.abs(sigma / wanted - 1), `${name}: ${sigma}, ${wanted}`).toBeLessThan(1e-4);
  }
}
