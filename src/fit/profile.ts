/**
 * The normal curve along one axis, `exp(-u²/2) / (√(2π) sigma)` with u = (position - centre) / sigma, and its derivatives by
 * centre and sigma. With lengths counted in sigmas each is the curve times a polynomial in u, and the one by sigma is also
 * the second one by the centre (the heat equation): five profiles are all that a fit needs.
 */
export type ProfileName = "value" | "centre" | "sigma" | "centreSigma" | "sigmaSigma";
/** Every profile, sampled along one axis. */
export type Profiles = Readonly<Record<ProfileName, Float64Array>>;

/** What a length does to the curve: it moves its centre or widens it. */
export type Length = "centre" | "sigma";

/** d(profile)/d(length) is another profile; third derivatives are never asked for. */
export const derivatives: Readonly<Record<Length, Readonly<Partial<Record<ProfileName, ProfileName>>>>> = {
  centre: { value: "centre", centre: "sigma", sigma: "centreSigma" },
  sigma: { value: "sigma", centre: "centreSigma", sigma: "sigmaSigma" },
};

export const profileArrays = (length: number): Profiles => ({
  value: new Float64Array(length),
  centre: new Float64Array(length),
  sigma: new Float64Array(length),
  centreSigma: new Float64Array(length),
  sigmaSigma: new Float64Array(length),
});

/** u² beyond which the curve is taken as 0: at e⁻¹⁰⁰ no sum feels it, and its products would be slow denormal numbers. */
const farthest = 200;

/** Profiles at `positions`: one exponential a position, whatever the extent of the other axis. */
export function profilesAt(positions: Float64Array, centre: number, sigma: number): Profiles {
  const profiles = profileArrays(positions.length);
  const norm = 1 / (Math.sqrt(2 * Math.PI) * sigma);
  for (let i = 0; i < positions.length; i++) {
    const u = ((positions[i] ?? 0) - centre) / sigma;
    const square = u * u;
    if (square > farthest) continue;
    const curve = norm * Math.exp(-0.5 * square);
    profiles.value[i] = curve;
    profiles.centre[i] = curve * u;
    profiles.sigma[i] = curve * (square - 1);
    profiles.centreSigma[i] = curve * u * (square - 3);
    profiles.sigmaSigma[i] = curve * (square * (square - 5) + 2);
  }
  return profiles;
}
