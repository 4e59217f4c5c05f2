/** A statistic, or null; and why it or a part of it is missing. */
export interface Measured<T> {
  readonly value: T | null;
  readonly reasons: readonly string[];
}

export const measured = <T>(value: T, reasons: readonly string[] = []): Measured<T> => ({ value, reasons });

export const unmeasured = (reason: string): Measured<never> => ({ value: null, reasons: [reason] });
