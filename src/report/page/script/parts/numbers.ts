/** Digits that tell two values of a map apart, and no more. */
export const figures = (value: number): string =>
  value === 0
    ? "0"
    : Math.abs(value) >= 0.01 && Math.abs(value) < 1e4
      ? value.toPrecision(4)
      : value.toExponential(2);

export const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;
