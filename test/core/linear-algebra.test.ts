import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  dot,
  eigenSystem,
  invertPositiveDefinite,
  solvePositiveDefinite,
  symmetric,
} from "../../src/core/linear-algebra.ts";

/** AᵀA + I, with rows and columns scaled over ten orders of magnitude. */
const matrices = fc
  .array(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }), {
    minLength: 4,
    maxLength: 4,
  })
  .map((a) =>
    symmetric(
      4,
      (i, j) =>
        (dot(
          a.map((row) => row[i] ?? 0),
          a.map((row) => row[j] ?? 0),
        ) +
          (i === j ? 1 : 0)) *
        10 ** (2.5 * (i + j) - 8),
    ),
  );

describe("symmetric positive definite matrices", () => {
  it("solve and invert, badly scaled as they may be", () => {
    fc.assert(
      fc.property(matrices, (matrix) => {
        const vector = matrix.map((row, i) => (i + 1) * (row[i] ?? 0));
        const solution = solvePositiveDefinite(matrix, vector) ?? [];
        for (const [i, row] of matrix.entries()) {
          const size = dot(row.map(Math.abs), solution.map(Math.abs));
          expect(Math.abs(dot(row, solution) - (vector[i] ?? 0))).toBeLessThan(1e-12 * size);
        }
        const inverse = invertPositiveDefinite(matrix) ?? [];
        for (const [i, row] of inverse.entries())
          expect(
            dot(
              row,
              matrix.map((other) => other[i] ?? 0),
            ),
          ).toBeCloseTo(1, 10);
      }),
    );
  });

  it("are undefined where they are not", () => {
    expect(
      solvePositiveDefinite(
        [
          [1, 2],
          [2, 1],
        ],
        [1, 1],
      ),
    ).toBeUndefined();
    expect(
      solvePositiveDefinite(
        [
          [0, 0],
          [0, 1],
        ],
        [1, 1],
      ),
    ).toBeUndefined();
    expect(
      invertPositiveDefinite([
        [1, 1],
        [1, 1],
      ]),
    ).toBeUndefined();
  });
});

describe("an eigen system", () => {
  it("puts the matrix together again", () => {
    const matrix = [
      [2, 1, 0],
      [1, 3, -1],
      [0, -1, 1],
    ];
    const { values, vectors } = eigenSystem(matrix);
    const again = symmetric(3, (i, j) =>
      values.reduce((sum, value, k) => sum + value * (vectors[k]?.[i] ?? 0) * (vectors[k]?.[j] ?? 0), 0),
    );
    for (const [i, row] of matrix.entries())
      for (const [j, value] of row.entries()) expect(again[i]?.[j]).toBeCloseTo(value, 12);
  });
});
