import type { Gaussian, Model } from "./model.ts";

/**
 * OpenERF's model and the paper's (Kim et al. 2021): `amplitude · exp(-(x - centreX)² / 2 sigmaX² - (y - centreY)² / 2 sigmaY²)
 * / (2π sigmaX sigmaY)`, x the column and y the row from 0, pixel centres at whole numbers.
 */
export const gaussian = {
  name: "gaussian",
  parameters: [
    {
      name: "amplitude",
      meaning: "integral of the Gaussian over the plane, as a share of the map's sum",
      effect: "scale",
      unit: ({ amplitude }) => amplitude,
    },
    {
      name: "centreX",
      meaning: "column of the centre, pixels",
      effect: { x: "centre" },
      unit: ({ sigmaX }) => sigmaX,
    },
    {
      name: "centreY",
      meaning: "row of the centre, pixels",
      effect: { y: "centre" },
      unit: ({ sigmaY }) => sigmaY,
    },
    {
      name: "sigmaX",
      meaning: "standard deviation along the columns, pixels",
      effect: { x: "sigma" },
      unit: ({ sigmaX }) => sigmaX,
    },
    {
      name: "sigmaY",
      meaning: "standard deviation along the rows, pixels",
      effect: { y: "sigma" },
      unit: ({ sigmaY }) => sigmaY,
    },
  ],
  toVector: ({ amplitude, centreX, centreY, sigmaX, sigmaY }) => [
    amplitude,
    centreX,
    centreY,
    sigmaX,
    sigmaY,
  ],
  toGaussian: (vector) => gaussianParameters((index) => vector[index] ?? Number.NaN),
} as const satisfies Model;

export type GaussianParameter = keyof Gaussian;

/** A record over the five parameters, from a function of their place in the vector. */
export const gaussianParameters = <T>(at: (index: number) => T): Readonly<Record<GaussianParameter, T>> => ({
  amplitude: at(0),
  centreX: at(1),
  centreY: at(2),
  sigmaX: at(3),
  sigmaY: at(4),
});
