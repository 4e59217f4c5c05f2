/** A parameter that may not pass its bounds: the fit moves an inner number, which may go anywhere. */
export interface Bound {
  readonly inner: (value: number) => number;
  readonly value: (inner: number) => number;
  readonly least: number;
  readonly most: number;
}

/** lmfit's transformations, which are MINUIT's (James & Roos 1975). At a bound the value no longer feels the inner number. */
export const atLeast = (least: number): Bound => ({
  inner: (value) => Math.sqrt((value - least + 1) ** 2 - 1),
  value: (inner) => least - 1 + Math.sqrt(inner * inner + 1),
  least,
  most: Number.POSITIVE_INFINITY,
});

export const between = (least: number, most: number): Bound => ({
  inner: (value) => Math.asin((2 * (value - least)) / (most - least) - 1),
  value: (inner) => least + ((Math.sin(inner) + 1) * (most - least)) / 2,
  least,
  most,
});
