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

/** The same choices as a command's options. */
export const camOptions = {
  "noise-samples": {
    type: "number",
    default: 4,
    describe: "Smooth Grad-CAM++: noisy copies of the image; torch-cam takes 4",
  },
  noise: {
    type: "number",
    default: 0.3,
    describe: "Smooth Grad-CAM++: standard deviation of the noise; torch-cam takes 0.3",
  },
  "noise-unit": {
    choices: ["image", "input"] as const,
    default: "image" as const,
    describe:
      "unit of --noise: the image tensor's own standard deviation, or the network's input unit (torch-cam)",
  },
  "plus-plus-epsilon": {
    type: "number",
    default: 1e-6,
    describe:
      "Grad-CAM++ and its smooth kin: added to the denominator; pytorch-grad-cam takes 1e-6, which outweighs gradients below 1e-3; its paper 0",
  },
  "pixel-weights": {
    choices: ["second-derivatives", "first-derivatives"] as const,
    default: "second-derivatives" as const,
    describe: "Smooth Grad-CAM++: numerator as in Grad-CAM++ and torch-cam, or as its own paper prints it",
  },
  "score-mask": {
    choices: ["align-corners", "half-pixel"] as const,
    default: "align-corners" as const,
    describe: "Score-CAM: bilinear masks as in pytorch-grad-cam, or as in the authors' code and torch-cam",
  },
  "ablate-to": {
    choices: ["least", "zero"] as const,
    default: "least" as const,
    describe:
      "Ablation-CAM: zero, but far below the least activation where that is not zero (pytorch-grad-cam); or always zero (the paper)",
  },
  "eigen-sign": {
    choices: ["activation", "extreme"] as const,
    default: "activation" as const,
    describe:
      "EigenCAM: positive where activations are large, or where the map is farthest from zero (Seg-Eigen-CAM)",
  },
  seed: { type: "number", default: 0, describe: "seed of the noise and of the random controls" },
} as const;

export const defaultCamOptions: CamOptions = {
  noiseSamples: camOptions["noise-samples"].default,
  noise: camOptions.noise.default,
  noiseUnit: camOptions["noise-unit"].default,
  plusPlusEpsilon: camOptions["plus-plus-epsilon"].default,
  pixelWeights: camOptions["pixel-weights"].default,
  scoreMask: camOptions["score-mask"].default,
  ablateTo: camOptions["ablate-to"].default,
  eigenSign: camOptions["eigen-sign"].default,
  seed: camOptions.seed.default,
};
