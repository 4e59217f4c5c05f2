import { gaussianCoordinates as gaussian, type Model } from "./model.ts";

const centered = [["amplitude"], ["centerX"], ["centerY"]] as const;
const upright = [...centered, ["sigmaX"], ["sigmaY"]] as const;
const ellipse = ["rho", "sigmaMajor", "sigmaMinor", "theta"] as const;

/** The surfaces that a map can be fitted with. `gaussian` is OpenERF's and the paper's (Kim et al. 2021). */
export const models = {
  gaussian: {
    summary: "a Gaussian whose axes are the map's (OpenERF's)",
    free: upright,
    estimates: gaussian,
  },
  "gaussian-background": {
    summary: "the Gaussian on a constant background",
    free: [...upright, ["background"]],
    estimates: [...gaussian, "background"],
  },
  rotated: {
    summary: "a Gaussian with axes of its own",
    free: [...upright, ["rho"]],
    estimates: [...gaussian, ...ellipse],
  },
  "rotated-background": {
    summary: "a Gaussian with axes of its own, on a constant background",
    free: [...upright, ["rho"], ["background"]],
    estimates: [...gaussian, ...ellipse, "background"],
  },
  isotropic: {
    summary: "a round Gaussian: one sigma",
    free: [...centered, ["sigmaX", "sigmaY"]],
    estimates: gaussian,
  },
} as const satisfies Record<string, Model>;

export type ModelName = keyof typeof models;

/** The same model on a background, where it has none. */
export const withBackground: Readonly<Partial<Record<ModelName, ModelName>>> = {
  gaussian: "gaussian-background",
  rotated: "rotated-background",
};
