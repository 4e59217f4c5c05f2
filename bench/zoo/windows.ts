import type { Window } from "../../src/graph/operators.ts";
import { at } from "../../src/core/required.ts";
import type { WindowAxis } from "../../src/graph/window.ts";
import type { Shape } from "../../src/core/tensor.ts";

/** The windows of a two-dimensional max pool; elements of the output are counted flat, positions in a window row by row. */
export interface Windows {
  /** Flat index into the whole input; undefined in the padding. */
  readonly index: (element: number, position: number) => number | undefined;
  /** The position of the window's largest, the first of them on a tie. */
  readonly largestOf: (x: Float32Array, element: number) => number;
  /** The same for every window. */
  readonly largest: (x: Float32Array) => Uint8Array;
}

export function windowsOf(input: Shape, output: Shape, { axes }: Window): Windows {
  const [, , height = 1, width = 1] = input;
  const [planes = 1, channels = 1, rows = 1, columns = 1] = output;
  const [vertical, horizontal] = [at(axes, 0), at(axes, 1)];
  const [kernelY, kernelX] = [vertical.kernel, horizontal.kernel];
  const along = ({ stride, before, dilation }: WindowAxis, cell: number, k: number): number =>
    cell * stride - before + k * dilation;
  const index = (element: number, position: number): number | undefined => {
    const i = along(vertical, Math.floor(element / columns) % rows, Math.floor(position / kernelX));
    const j = along(horizontal, element % columns, position % kernelX);
    const plane = Math.floor(element / (rows * columns));
    return i < 0 || i >= height || j < 0 || j >= width ? undefined : (plane * height + i) * width + j;
  };
  const largestOf = (x: Float32Array, element: number): number => {
    let [largest, place] = [-Infinity, 0];
    for (let position = 0; position < kernelY * kernelX; position++) {
      const where = index(element, position);
      const value = where === undefined ? -Infinity : (x[where] ?? 0);
      if (value > largest) [largest, place] = [value, position];
    }
    return place;
  };
  return {
    index,
    largestOf,
    largest: (x) =>
      Uint8Array.from({ length: planes * channels * rows * columns }, (_, element) => largestOf(x, element)),
  };
}
