import { fileURLToPath } from "node:url";
import { spreadOf } from "../calibration/gaussian.ts";
import type { ProbeRun } from "../calibration/probe-run.ts";
import type { UsableFit } from "../calibration/read.ts";
import type { Calibration } from "../calibration/schema.ts";
import type { CamColumn } from "../cam/columns.ts";
import { defaultCamOptions } from "../cam/options.ts";
import type { SheetRow } from "../report/sheet/sheet.ts";
import { explainAll } from "./cam/explain-all.ts";
import { sheetRows } from "./cam/files.ts";
import type { Context } from "./context.ts";
import { defaultsOf } from "./option.ts";
import { openModelWith, openOptions } from "./options/model.ts";
import { probeOptions, probeRun } from "./probe/probe.ts";

/** A file that comes with erfit. */
export const bundled = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Views of each bundled photograph. */
const crops = 8;

/** Kim et al. 2023, Table 1, VGG-16; and its protocol run in PyTorch over 859 ImageNet photographs, float32 weights. */
export const published = [
  { what: "paper, Table 1", sigmaX: 31.7797, sigmaY: 33.3606, rSquared: 0.9905 },
  {
    what: "same protocol, PyTorch, 859 ImageNet photographs",
    sigmaX: 31.759,
    sigmaY: 33.26,
    rSquared: 0.9923,
  },
] as const;

/** The bundled sample on the bundled photographs, as in Kim et al., Table 1. */
export async function demoRun(context: Context): Promise<ProbeRun> {
  const options = { ...defaultsOf(openOptions), preprocessing: "caffe" } as const;
  const model = await openModelWith(bundled("models/vgg16-sample.onnx"), options);
  return probeRun({ ...defaultsOf(probeOptions), crops }, model, [bundled("photos")], context);
}

/** The three columns of the paper's figure 4. */
export const demoColumns = (fit: UsableFit, { layer }: Calibration): readonly CamColumn[] => [
  { method: "grad-cam", control: null, upsampling: { by: "bilinear" }, rectify: true },
  { method: "grad-cam++", control: null, upsampling: { by: "bilinear" }, rectify: true },
  {
    method: "extended",
    control: null,
    upsampling: { by: "gaussian", ...spreadOf(fit, layer, "paper", false) },
    rectify: false,
  },
];

/** The photographs explained as they were probed: with the preprocessing that sigma was measured with. */
export async function demoRows(
  { model, layer, photographs, preprocessing }: ProbeRun,
  columns: readonly CamColumn[],
) {
  const rows: SheetRow[] = [];
  const images = explainAll({
    model,
    layer,
    classes: { given: [], top: 1 },
    score: "logit",
    columns,
    options: defaultCamOptions,
    normalization: "none",
    sources: photographs,
    preprocessing,
    warnings: [],
  });
  for await (const image of images) if (!("reason" in image)) rows.push(...sheetRows(image));
  return rows;
}
