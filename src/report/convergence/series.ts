import { ink } from "../color.ts";

/** The estimate after so many photographs. */
export interface ConvergenceStep {
  readonly photographs: number;
  /** Pixels. */
  readonly sigmaX: number;
  readonly sigmaY: number;
  /** Half of the 95 % interval over photographs, pixels; NaN or infinite where there were too few for one. */
  readonly halfWidthX: number;
  readonly halfWidthY: number;
}

export const sigmaColors = { X: ink.blue, Y: ink.vermilion } as const;

/** One sigma after so many photographs. */
export interface Sample {
  readonly photographs: number;
  readonly sigma: number;
  readonly low: number;
  readonly high: number;
  /** Half of the 95 % interval in percent of sigma. */
  readonly percent: number;
}

/** The samples of one sigma, with its color; every one has a finite sigma. */
export interface Series {
  readonly color: string;
  readonly samples: readonly Sample[];
}

export const seriesOf = (history: readonly ConvergenceStep[]): readonly [x: Series, y: Series] => [
  {
    color: sigmaColors.X,
    samples: history.map(({ photographs, sigmaX, halfWidthX }) => sample(photographs, sigmaX, halfWidthX)),
  },
  {
    color: sigmaColors.Y,
    samples: history.map(({ photographs, sigmaY, halfWidthY }) => sample(photographs, sigmaY, halfWidthY)),
  },
];

const sample = (photographs: number, sigma: number, half: number): Sample => ({
  photographs,
  sigma,
  low: sigma - half,
  high: sigma + half,
  percent: (100 * half) / sigma,
});

/** Where there is an interval. */
export const bounded = ({ samples }: Series): Sample[] =>
  samples.filter(({ percent }) => Number.isFinite(percent) && percent > 0);

/** The least and the greatest number of photographs. */
export const extentOf = (series: readonly Series[]): readonly [number, number] => {
  const counts = series.flatMap(({ samples }) => samples).map(({ photographs }) => photographs);
  return [Math.min(...counts), Math.max(...counts)];
};
