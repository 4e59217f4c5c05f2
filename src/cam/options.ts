/** Where the field, or a method's paper and its best-known implementation, differ: every such choice has a name. */
export interface CamOptions {
  readonly noiseSamples: number;
  readonly noise: number;
  readonly noiseUnit: "image" | "input";
  readonly plusPlusEpsilon: number;
  readonly pixelWeights: "second-derivatives" | "first-derivatives";
  readonly scoreMask: "align-corners" | "half-pixel";
  readonly ablateTo: "least" | "zero";
  readonly eigenSign: "activation" | "extreme";
  readonly seed: number;
}

/** The choices of torch-cam and pytorch-grad-cam. */
export const defaultCamOptions: CamOptions = {
  noiseSamples: 4,
  noise: 0.3,
  noiseUnit: "image",
  plusPlusEpsilon: 1e-6,
  pixelWeights: "second-derivatives",
  scoreMask: "align-corners",
  ablateTo: "least",
  eigenSign: "activation",
  seed: 0,
};
