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

export interface ConvergenceFigure {
  /** Model and layer; shortened in its middle where it is too long. */
  readonly title: string;
  /** By rising number of photographs; steps without a fit are left out, or NaN. */
  readonly history: readonly ConvergenceStep[];
  /** The half-width to reach, as a share of sigma (0.01 for 1 %); null where none was asked for. */
  readonly target: number | null;
}
