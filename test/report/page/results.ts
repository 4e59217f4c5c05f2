import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Calibration } from "../../../src/calibration/schema.ts";
import { fitMap } from "../../../src/fit/fit.ts";
import { gaussianMap } from "../../../src/fit/surface.ts";
import { encodePng } from "../../../src/input/decode.ts";
import { type Raster } from "../../../src/input/raster.ts";
import { writeMap } from "../../../src/core/npy.ts";
import { random } from "../../../src/core/random.ts";
import { realMap, type RealMap } from "../../../src/core/tensor.ts";
import { shapeOf } from "../../../src/erf/shape/shape.ts";

/** Results as `erfit calibrate` and `erfit cam` write them, of no network; nothing is square, so that x and y cannot be swapped. */

export const [height, width] = [80, 96] as const;
const [rows, columns] = [5, 6] as const;
const sha256 = "8e1f017bdde83ef1d3dc64480fea64faab135a8160057db75599d90637d35f3d";

/** What an attacker would call a model, a class or a photograph. */
export const hostile = {
  model: `</script><script>window.broken = "model"</script>.onnx`,
  class: `<script>window.broken = "class"</script>`,
  photograph: `<img src=x onerror="window.broken = 'photograph'">.jpg`,
  layer: `<!-- <script> "layer" & 'layer' \u2028`,
} as const;

const next = random(8);
const values = (count: number, of: () => number): Float64Array => Float64Array.from({ length: count }, of);

/** A Gaussian with a quarter of noise. */
function erf(): RealMap {
  const gaussian = gaussianMap({ amplitude: 1, centerX: 49.5, centerY: 38.25, sigmaX: 14, sigmaY: 11 }, [
    height,
    width,
  ]);
  return { ...gaussian, data: gaussian.data.map((value) => value * (0.75 + 0.5 * next())) };
}

export const map = erf();
const { fit, warnings } = fitMap(map);
if (fit === null) throw new Error("the test's own map has no fit");
export const fitted = fit;

/** JSON of a calibration, with all that the schema asks for. */
const calibration = {
  format: "erfit-calibration",
  version: 2,
  model: {
    file: hostile.model,
    sha256,
    input: { name: "input", shape: [1, 3, height, width], layout: "NCHW" },
  },
  layer: {
    label: hostile.layer,
    name: hostile.layer,
    module: null,
    shape: [1, 8, rows, columns],
    layout: "NCHW",
    grid: [rows, columns],
    cell: [2, 3],
    stride: [16, 16],
    receptiveField: { height: 64, width: 64, centerY: 39.5, centerX: 55.5 },
  },
  protocol: "openerf",
  images: {
    views: 40,
    photographs: 40,
    cropsPerPhotograph: 1,
    shuffled: null,
    effectiveNumber: 38.2,
    largestContribution: { name: hostile.photograph, share: 0.05 },
    skippedCount: 0,
    skipped: [],
    sha256,
  },
  preprocessing: { source: "sidecar net.json" },
  fit,
  convergence: [
    { photographs: 10, sigmaX: 15, sigmaY: 12, halfWidthX: 2, halfWidthY: 2 },
    { photographs: 20, sigmaX: 14.5, sigmaY: 11.5, halfWidthX: 1, halfWidthY: 1 },
    { photographs: 40, sigmaX: 14.1, sigmaY: 11.1, halfWidthX: 0.5, halfWidthY: 0.5 },
  ],
  shape: shapeOf(map, { receptiveField: null }),
  warnings: [...warnings, { code: "SMALL_MASS", message: hostile.class }],
  provenance: {
    erfit: "0.1.0",
    engine: "onnxruntime-node",
    node: "20.20.0",
    platform: "linux-x64",
    date: "2026-11-23T00:00:00.000Z",
    command: "erfit calibrate net.onnx photos/",
  },
} satisfies Calibration;

/** What Gaussian upsampling took from it. */
export const spread = {
  sigmaX: fit.sigmaX.value,
  sigmaY: fit.sigmaY.value,
  position: "paper",
  normalize: false,
  anchor: {
    x: { cell: 3, center: fit.centerX.value, stride: 16 },
    y: { cell: 2, center: fit.centerY.value, stride: 16 },
  },
} as const;

/** Signed grids, and photographs of every color. */
const grid = (): RealMap =>
  realMap(
    rows,
    columns,
    values(rows * columns, () => 2 * next() - 0.8),
  );
export const grids = { extended: grid(), "grad-cam": grid() } as const;
export const photographs = [1, 2].map((): Raster => ({
  height,
  width,
  data: Uint8Array.from(values(3 * height * width, () => 256 * next())),
}));

const columnsDrawn = [
  {
    key: "extended.gaussian",
    title: "Extended-CAM, Gaussian",
    rectify: false,
    upsampling: { by: "gaussian", ...spread },
  },
  { key: "grad-cam.bilinear", title: "Grad-CAM, bilinear", rectify: true, upsampling: { by: "bilinear" } },
  {
    key: "grad-cam.gaussian",
    title: "Grad-CAM, Gaussian",
    rectify: true,
    upsampling: { by: "gaussian", ...spread },
  },
] as const;

const summary = {
  format: "erfit-cam",
  version: 1,
  model: calibration.model,
  layer: { label: hostile.layer, name: hostile.layer },
  columns: columnsDrawn,
  images: [hostile.photograph, "second.jpg"].map((image, k) => ({
    image,
    photograph: `${k}.input.png`,
    classes: [hostile.class, "tabby"].map((name, classIndex) => ({
      classIndex,
      class: name,
      score: 3.5,
      probability: 0.75,
      maps: columnsDrawn.map(({ key }) => ({
        column: key,
        files: { grids: `${key.replace(/\..*/, "")}.grid.npy` },
      })),
    })),
  })),
  score: "logit",
  calibration: "calibration.json",
  provenance: calibration.provenance,
};

/** Writes them into two folders, and returns these. */
export async function writeResults(into: string): Promise<readonly [calibration: string, cams: string]> {
  const folders = [join(into, "calibration"), join(into, "cams")] as const;
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  const [first, second] = folders;
  writeFileSync(join(first, "calibration.json"), JSON.stringify(calibration));
  writeFileSync(join(first, "erf.npy"), writeMap(map));
  writeFileSync(join(second, "cam.json"), JSON.stringify(summary));
  for (const [name, cells] of Object.entries(grids))
    writeFileSync(join(second, `${name}.grid.npy`), writeMap(cells));
  for (const [k, photograph] of photographs.entries())
    writeFileSync(join(second, `${k}.input.png`), await encodePng(photograph.data, width, height));
  return folders;
}
