import type { RealMap } from "../core/tensor.ts";
import { rampOf, rangeOf } from "../report/color.ts";
import type { Terminal } from "./reporter.ts";

/** Characters that a picture is wide at most: it is a glance, the figure is a file. */
const mostColumns = 48;

type Color = readonly [red: number, green: number, blue: number];

/**
 * A map in two pixels a character: the upper half block in the color of one over the background of the other. Colors go
 * as the square root of the value from 0 to the greatest, so that a small peak leaves something to see around it.
 */
export function preview(map: RealMap, { columns, colorBits }: Terminal): string {
  const [height, width] = map.shape;
  const across = Math.max(1, Math.min(mostColumns, columns - 2, width));
  const down = 2 * Math.max(1, Math.round((across * height) / width / 2));
  const small = shrunk(map, across, down);
  const ramp = rampOf("viridis");
  const greatest = rangeOf({ shape: [down, across], data: small })[1];
  const colorAt = (row: number, column: number): Color => {
    const share = Math.max(small[row * across + column] ?? 0, 0) / greatest;
    const step = 4 * Math.round(255 * Math.sqrt(greatest > 0 && Number.isFinite(share) ? share : 0));
    return [ramp[step] ?? 0, ramp[step + 1] ?? 0, ramp[step + 2] ?? 0];
  };
  const code = colorBits === 24 ? trueColor : cubeColor;
  const lines = Array.from({ length: down / 2 }, (_, line) => {
    const cells = Array.from({ length: across }, (__, column) => {
      const [upper, lower] = [colorAt(2 * line, column), colorAt(2 * line + 1, column)];
      return `\u001b[38;${code(upper)};48;${code(lower)}m▀`;
    });
    return `${cells.join("")}\u001b[0m\n`;
  });
  return lines.join("");
}

const trueColor = (color: Color): string => `2;${color.join(";")}`;

/** The nearest of the 6 x 6 x 6 colors that terminals of 256 colors have from number 16 on. */
const cubeColor = (color: Color): string => {
  const [red = 0, green = 0, blue = 0] = color.map((byte) => Math.round((5 * byte) / 255));
  return `5;${16 + 36 * red + 6 * green + blue}`;
};

/** Means over the pixels that fall into each cell; a map is never enlarged along its width. */
function shrunk({ shape: [height, width], data }: RealMap, across: number, down: number): Float64Array {
  const sums = new Float64Array(across * down);
  const counts = new Float64Array(across * down);
  for (let pixel = 0; pixel < height * width; pixel++) {
    const row = Math.floor((Math.floor(pixel / width) * down) / height);
    const cell = row * across + Math.floor(((pixel % width) * across) / width);
    sums[cell] = (sums[cell] ?? 0) + (data[pixel] ?? 0);
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  return sums.map((sum, cell) => sum / Math.max(counts[cell] ?? 1, 1));
}
