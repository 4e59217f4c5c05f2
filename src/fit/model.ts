import type { Vector } from "../math/linear-algebra.ts";
import { derivatives, type Length, type ProfileName } from "./profile.ts";

/** A two-dimensional Gaussian in pixels: `amplitude` is its integral over the plane as a share of the map's sum. */
export interface Gaussian {
  readonly amplitude: number;
  readonly centreX: number;
  readonly centreY: number;
  readonly sigmaX: number;
  readonly sigmaY: number;
}

/**
 * What a parameter does: it scales the surface, or it moves or widens the curve along the axes named (both axes, for the one
 * sigma of an isotropic Gaussian).
 */
type Effect = "scale" | { readonly x?: Length; readonly y?: Length };

/** A Gaussian model as data: everything that the solver, the starts and the report need to know of it. */
export interface Model {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly toVector: (gaussian: Gaussian) => Vector;
  readonly toGaussian: (vector: Vector) => Gaussian;
}

interface Parameter {
  readonly name: string;
  readonly meaning: string;
  readonly effect: Effect;
  /** The size in which a step of this parameter is counted: lengths in sigmas, the amplitude in itself. */
  readonly unit: (gaussian: Gaussian) => number;
}

/** `amplitude · x-profile · y-profile`: every derivative of a separable model is a sum of such products. */
export type Term = readonly [x: ProfileName, y: ProfileName];

/** First and second derivatives of the surface by its parameters, in the parameters' own units. */
export interface Derivatives {
  readonly first: readonly (readonly Term[])[];
  readonly second: readonly (readonly (readonly Term[])[])[];
}

export function derivativesOf({ parameters }: Model): Derivatives {
  const effects = parameters.map((parameter) => parameter.effect);
  const first = effects.map((effect) => derive([["value", "value"]], effect));
  const second = effects.map((one) =>
    effects.map((other, j) => {
      if (one === "scale") return other === "scale" ? [] : (first[j] ?? []);
      return derive(first[j] ?? [], one);
    }),
  );
  return { first, second };
}

function derive(terms: readonly Term[], effect: Effect): Term[] {
  if (effect === "scale") return [...terms];
  return terms.flatMap(([x, y]): Term[] => {
    const alongX = effect.x && derivatives[effect.x][x];
    const alongY = effect.y && derivatives[effect.y][y];
    return [...(alongX ? [[alongX, y] as const] : []), ...(alongY ? [[x, alongY] as const] : [])];
  });
}
