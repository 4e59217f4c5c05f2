import { at } from "../core/required.ts";
import type { Shape } from "../core/tensor.ts";
import type { Warning } from "../fit/result.ts";
import { cellPositions } from "./axis-weights.ts";
import type { Gaussian, Upsampling } from "./upsamplers.ts";

/**
 * What is left between the cells when a map whose cells are all equal is drawn by Gaussians: 1 - least / greatest of their
 * sum along one axis, 0 for a flat map, 1 for dots on nothing. The sum is greatest on a cell, and least half-way to the next.
 */
export function rippleOf(sigma: number, spacing: number): number {
  const ratio = spacing / sigma;
  if (ratio < 0.5) return 0; // 4 exp(-2 π² / ratio²) is below rounding
  const cells = Math.ceil(9 / ratio); // beyond nine sigma the kernel is
  const sumAt = (offset: number): number => {
    let sum = 0;
    for (let cell = -cells; cell <= cells; cell++) sum += Math.exp(-0.5 * ((cell + offset) * ratio) ** 2);
    return sum;
  };
  return 1 - sumAt(0.5) / sumAt(0);
}

/**
 * The least share of the cells' spacing that sigma can be without a ripple of a tenth of the map's height, which shows in every
 * color map where the grid has nothing: two decimals, rounded up. By `rippleOf` the ripple is 3 % where sigma is 0.5 of the
 * spacing, 10 % at 0.43, 36 % at 0.33, 73 % at 0.25 and 99 % at 0.15.
 */
export const leastShareOfSpacing = 0.43;

/** Along one axis: sigmas that leave gaps, and the spacing of the cells. */
interface Gaps {
  readonly axis: "X" | "Y";
  readonly sigmas: readonly number[];
  readonly spacing: number;
}

const pixels = (length: number): string => `${Number(length.toPrecision(3))} px`;

function gapsText({ axis, sigmas, spacing }: Gaps): string {
  const ripple = Math.round(100 * rippleOf(Math.min(...sigmas), spacing));
  return `sigma_${axis} is ${sigmas.map(pixels).join(", ")} at cells ${pixels(spacing)} apart (ripple ${ripple} %)`;
}

/** One warning for both axes, or none. */
function gapsWarning(gaps: readonly Gaps[]): readonly Warning[] {
  const [first, ...others] = gaps.filter(({ sigmas }) => sigmas.length > 0);
  if (first === undefined) return [];
  const all = [first, ...others];
  const text = all.map(gapsText).join(", ");
  const least = Math.max(...all.map(({ spacing }) => leastShareOfSpacing * spacing));
  return [
    {
      code: "SIGMA_BELOW_STRIDE",
      message:
        `S${text.slice(1)}: Gaussian upsampling draws a lattice of dots, also where all cells are equal. ` +
        `Use bilinear upsampling, or a layer with a smaller stride. A sigma of ${pixels(Math.ceil(least))} or more, given in ` +
        "place of this one, closes the gaps, but is not the measured one; dividing by the kernel sum makes blocks of the dots.",
    },
  ];
}

const tooNarrow = (sigma: number, spacing: number): boolean => sigma < leastShareOfSpacing * spacing;

/** Whether maps drawn with a fitted Gaussian are lattices; `stride` is that of the layer, [vertical, horizontal]. */
export const strideWarnings = (
  { sigmaX, sigmaY }: Pick<Gaussian, "sigmaX" | "sigmaY">,
  [strideY, strideX]: readonly [vertical: number, horizontal: number],
): readonly Warning[] =>
  gapsWarning([
    { axis: "X", sigmas: [sigmaX].filter((sigma) => tooNarrow(sigma, strideX)), spacing: strideX },
    { axis: "Y", sigmas: [sigmaY].filter((sigma) => tooNarrow(sigma, strideY)), spacing: strideY },
  ]);

/**
 * Whether maps drawn so are lattices.
 * @param cells rows and columns of the grid
 * @param size height and width of the map
 */
export function latticeWarnings(
  upsamplings: readonly Upsampling[],
  cells: Shape,
  size: Shape,
): readonly Warning[] {
  const gaussians = upsamplings.filter((one): one is Gaussian => one.by === "gaussian");
  const gapsAlong = (axis: "X" | "Y"): readonly Gaps[] => {
    const along = axis === "Y" ? 0 : 1;
    const [count, extent] = [at(cells, along), at(size, along)];
    const bySpacing = new Map<number, Set<number>>();
    for (const { position, normalize, anchor, ...sigmas } of gaussians) {
      const own = axis === "X" ? anchor.x : anchor.y;
      const place = (cell: number) => cellPositions[position].pixelOf(cell, count, extent, own);
      const spacing = place(1) - place(0);
      const sigma = sigmas[`sigma${axis}`];
      // The quotient by the kernel sum is flat where all cells are equal, and one cell has no neighbor to leave a gap to.
      if (normalize || count === 1 || !tooNarrow(sigma, spacing)) continue;
      bySpacing.set(spacing, (bySpacing.get(spacing) ?? new Set()).add(sigma));
    }
    return Array.from(bySpacing, ([spacing, sigmas]) => ({ axis, sigmas: [...sigmas], spacing }));
  };
  return gapsWarning([...gapsAlong("X"), ...gapsAlong("Y")]);
}
