import { solvePositiveDefinite } from "../core/linear-algebra.ts";
import { at } from "../core/required.ts";
import type { Grid } from "./grid.ts";
import { stepFrom } from "./levenberg-marquardt.ts";
import { surfaceFrom, vectorOf, type Coordinate, type Gaussian, type Model } from "./model.ts";
import type { Objective, Point } from "./objective.ts";

/** A start without its amplitude, which the map decides. */
export type Outline = Omit<Gaussian, "amplitude">;

/** Outlines of which only the one that describes the map best is worth a descent. */
export type Alternatives = readonly Outline[];

/** Where the search for minima begins. Each knows one kind of map; together they find the best minimum of all of them. */
export const starts = {
  halfMaximum: (grid) => [[halfMaximum(grid)]],
  peaks: (grid) => {
    const step = spacing(grid);
    return peaks(grid, 4).map(({ x, y }) =>
      [1.5, 4, 12].map((bins) => ({ centerX: x, centerY: y, sigmaX: bins * step, sigmaY: bins * step })),
    );
  },
  broad: (grid) => [[{ ...middle(grid, 0.5), ...extent(grid, 0.25, 0.25) }]],
  openerf: (grid) => [[{ ...middle(grid, 0.8), ...extent(grid, 1 / 15, 1 / 9) }]],
} as const satisfies Record<string, (grid: Grid) => readonly Alternatives[]>;

const linear: ReadonlySet<Coordinate> = new Set(["amplitude", "background"]);

/** The outline with the amplitude and the background that fit the map best: the surface is linear in them. */
export function startFrom(outline: Outline, model: Model, evaluate: Objective): Point | undefined {
  const shape = evaluate(vectorOf(model, surfaceFrom({ amplitude: 1, ...outline })));
  if (shape === undefined) return undefined;
  const places = model.free.flatMap((moved, i) => (moved.some((name) => linear.has(name)) ? [i] : []));
  const step = solvePositiveDefinite(
    places.map((i) => places.map((j) => at(at(shape.gaussNewton, i), j))),
    places.map((i) => at(shape.gradient, i)),
  );
  return (
    step &&
    evaluate(
      stepFrom(
        shape,
        shape.vector.map((_, i) => step[places.indexOf(i)] ?? 0),
      ),
    )
  );
}

/** Centroid and area of what is at least half as high as the peak; the half-maximum ellipse has area 2π ln 2 sigmaX sigmaY. */
function halfMaximum(grid: Grid): Outline {
  const { data, columns, rows } = grid;
  const half = 0.5 * highest(data);
  let count = 0;
  let x = 0;
  let y = 0;
  for (let i = 0; i < data.length; i++) {
    if (at(data, i) < half) continue;
    count++;
    x += at(columns, i % columns.length);
    y += at(rows, Math.floor(i / columns.length));
  }
  const sigma = Math.sqrt((count * spacing(grid) ** 2) / (2 * Math.PI * Math.LN2));
  return { centerX: x / count, centerY: y / count, sigmaX: sigma, sigmaY: sigma };
}

/** The highest local maxima, highest first; what is below a tenth of the highest is no peak to start from. */
function peaks(
  { shape: [height, width], data, columns, rows }: Grid,
  count: number,
): { x: number; y: number }[] {
  const least = 0.1 * highest(data);
  const found: { x: number; y: number; value: number }[] = [];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = at(data, row * width + column);
      if (value < least || value < highestAround(data, height, width, row, column)) continue;
      found.push({ x: at(columns, column), y: at(rows, row), value });
    }
  }
  return found.sort((a, b) => b.value - a.value).slice(0, count);
}

/** The highest value of a pixel and its eight neighbors. */
function highestAround(
  data: Float64Array,
  height: number,
  width: number,
  row: number,
  column: number,
): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y++) {
    for (let x = Math.max(0, column - 1); x <= Math.min(width - 1, column + 1); x++)
      most = Math.max(most, at(data, y * width + x));
  }
  return most;
}

function highest(values: Float64Array): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) most = Math.max(most, value);
  return most;
}

/** Pixels from one column to the next: 1, or the size of a bin. */
const spacing = ({ columns }: Grid): number => (columns[1] ?? 1) - at(columns, 0);

const middle = ({ columns, rows }: Grid, share: number): Pick<Outline, "centerX" | "centerY"> => ({
  centerX: share * at(columns, -1),
  centerY: share * at(rows, -1),
});

const extent = ({ columns, rows }: Grid, x: number, y: number): Pick<Outline, "sigmaX" | "sigmaY"> => ({
  sigmaX: x * (at(columns, -1) + 1),
  sigmaY: y * (at(rows, -1) + 1),
});
