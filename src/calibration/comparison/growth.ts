import { linearRegression } from "simple-statistics";
import { at, required } from "../../core/required.ts";
import { studentQuantile } from "../../core/statistics.ts";
import { inputSide, sameNetwork, type ComparedErf } from "./compared.ts";
import { doubtsOf } from "./doubts.ts";
import { isPaired, jackknifeError } from "./difference.ts";

/** A layer's sigma beside its theoretical receptive field, both as roots of the product over the axes, pixels. */
interface GrowthPoint {
  readonly label: string;
  readonly theoretical: number;
  readonly sigma: number;
  /** 95 % interval of sigma over photographs; null where there is none. */
  readonly interval95: readonly [number, number] | null;
  /** Whether the image holds the whole theoretical field. */
  readonly inside: boolean;
  /** Codes of the fit's warnings that put sigma in doubt. */
  readonly warnings: readonly string[];
}

/** A number with its 95 % interval. */
interface Interval {
  readonly value: number;
  readonly interval95: readonly [number, number];
}

/** `sigma = factor · theoretical ^ exponent`, fitted to the layers whose field the image holds. */
export interface PowerLaw {
  readonly exponent: number;
  readonly factor: number;
  readonly layers: number;
  /** By the scatter of the layers around the line, Student's t with layers - 2 degrees of freedom. */
  readonly byLayers: Interval["interval95"];
  /** By the choice of photographs alone (jackknife of the exponent); null where the layers' photographs differ. */
  readonly byPhotographs: Interval["interval95"] | null;
}

export interface Growth {
  readonly points: readonly GrowthPoint[];
  /** Null where there are fewer than three layers to fit. */
  readonly law: PowerLaw | null;
}

const leastLayers = 3;

const sigmaOf = ({ sigmaX, sigmaY }: { readonly sigmaX: number; readonly sigmaY: number }): number =>
  Math.sqrt(sigmaX * sigmaY);

/** A calibration's sigma as one number, the root of the product over the axes, with its interval over photographs. */
export function meanSigma({ fit }: Pick<ComparedErf, "fit">): Pick<GrowthPoint, "sigma" | "interval95"> {
  const sigma = sigmaOf({ sigmaX: fit.sigmaX.value, sigmaY: fit.sigmaY.value });
  const left = fit.withoutBlock;
  if (left === undefined) return { sigma, interval95: null };
  const half = studentQuantile(0.95, left.length - 1) * jackknifeError(left.map(sigmaOf));
  return { sigma, interval95: [sigma - half, sigma + half] };
}

function pointOf(one: ComparedErf): GrowthPoint[] {
  const { label, calibration } = one;
  const { receptiveField: field } = calibration.layer;
  if (field === null) return [];
  const within = (center: number, extent: number, side: number) =>
    center - extent / 2 >= -0.5 && center + extent / 2 <= side - 0.5;
  return [
    {
      label,
      theoretical: Math.sqrt(field.width * field.height),
      ...meanSigma(one),
      inside:
        within(field.centerX, field.width, inputSide(calibration, "x")) &&
        within(field.centerY, field.height, inputSide(calibration, "y")),
      warnings: doubtsOf(one),
    },
  ];
}

/**
 * How sigma grows with the theoretical receptive field over layers of one network. Luo et al. 2016: with n layers the
 * theoretical field grows like n and the effective one like √n, hence like the theoretical one's root, an exponent of 1/2.
 * Layers that see beyond the image are shown, and left out of the fit: what lies outside is not measured.
 * Null where the calibrations are of several networks, or twice of one layer, or there are fewer than three.
 */
export function growthOf(compared: readonly ComparedErf[]): Growth | null {
  const layers = new Set(compared.map(({ calibration }) => calibration.layer.name));
  if (!sameNetwork(compared) || layers.size < Math.max(leastLayers, compared.length)) return null;
  const points = compared.flatMap(pointOf);
  const fitted = compared.filter((one) => pointOf(one)[0]?.inside);
  return { points, law: lawOf(fitted) };
}

function lawOf(fitted: readonly ComparedErf[]): PowerLaw | null {
  const points = fitted.flatMap(pointOf);
  const x = points.map(({ theoretical }) => Math.log(theoretical));
  if (new Set(x).size < leastLayers) return null;
  const slope = (sigmas: readonly number[]) =>
    linearRegression(sigmas.map((sigma, i) => [at(x, i), Math.log(sigma)]));
  const { m: exponent, b } = slope(points.map(({ sigma }) => sigma));
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const spread = x.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const residuals = points.map(({ sigma }, i) => Math.log(sigma) - b - exponent * at(x, i));
  const scatter = residuals.reduce((sum, value) => sum + value ** 2, 0) / (x.length - 2);
  const around = (half: number) => [exponent - half, exponent + half] as const;
  return {
    exponent,
    factor: Math.exp(b),
    layers: points.length,
    byLayers: around(studentQuantile(0.95, x.length - 2) * Math.sqrt(scatter / spread)),
    byPhotographs: photographError(fitted, (sigmas) => slope(sigmas).m, around),
  };
}

/** The interval of the exponent over photographs, where every layer left out the same blocks. */
function photographError(
  [first, ...others]: readonly ComparedErf[],
  exponentOf: (sigmas: readonly number[]) => number,
  around: (half: number) => readonly [number, number],
): readonly [number, number] | null {
  if (first === undefined || !others.every((other) => isPaired(first, other))) return null;
  const layers = [first, ...others].map(({ fit }) => required(fit.withoutBlock, "a fit without each block"));
  const blocks = at(layers, 0);
  const exponents = blocks.map((_, block) => exponentOf(layers.map((left) => sigmaOf(at(left, block)))));
  return around(studentQuantile(0.95, blocks.length - 1) * jackknifeError(exponents));
}
