import type { CamMethodName } from "../../cam/methods.ts";
import type { UpsamplerName } from "../../cam/upsamplers.ts";
import type { MaskingName } from "../../evaluate/maskings.ts";
import type { Shape } from "../../core/tensor.ts";

/** Average Drop % and % Increase as a paper prints them. */
export interface Printed {
  readonly drop: number;
  readonly increase: number;
}

/** What Kim et al. 2021 measured of VGG-16 (arXiv 2001.05153, Tables 2 to 4). */
const vgg16: readonly (readonly [
  MaskingName,
  CamMethodName,
  UpsamplerName,
  drop: number,
  increase: number,
])[] = [
  ["full", "grad-cam", "bilinear", 46.56, 13.42],
  ["full", "grad-cam++", "bilinear", 36.84, 17.05],
  ["full", "extended", "gaussian", 21.89, 28.72],
  ["relative", "grad-cam", "bilinear", 47.94, 16.39],
  ["relative", "grad-cam", "gaussian", 43.64, 17.46],
  ["relative", "grad-cam++", "bilinear", 45.6, 15.1],
  ["relative", "grad-cam++", "gaussian", 47.79, 13.99],
  ["relative", "extended", "bilinear", 79.23, 4.02],
  ["relative", "extended", "gaussian", 39.86, 20.72],
];

export function printedFor(masking: string, method: string, by: string): Printed | null {
  const found = vgg16.find(([m, c, u]) => m === masking && c === method && u === by);
  return found === undefined ? null : { drop: found[3], increase: found[4] };
}

/** What an evaluation was made with, as far as the paper's numbers depend on it. */
export interface SetUp {
  readonly model: string;
  readonly layer: Shape;
  readonly input: Shape;
  readonly keep: number;
  readonly labeled: boolean;
  readonly confidence: string;
}

/** Whether the numbers may stand beside the paper's: VGG-16 by its name, its last feature map at 224 pixels, half of the pixels. */
export const isPapersSetUp = ({ model, layer, input, keep, labeled, confidence }: SetUp): boolean =>
  /vgg[-_ ]?16/i.test(model) &&
  [512, 14, 14].every((extent) => layer.includes(extent)) &&
  input.filter((extent) => extent === 224).length === 2 &&
  keep === 0.5 &&
  !labeled &&
  confidence === "probability";
