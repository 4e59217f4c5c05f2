import fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeImage } from "../../src/input/decode.ts";
import { cropRaster, type Raster } from "../../src/input/raster.ts";
import { interpolations } from "../../src/input/preprocessing.ts";
import { resizeRaster } from "../../src/input/resize.ts";
import { difference, pillow, pillowPath, ruled } from "./pictures.ts";

/** What `pillow/make.py` resized: a piece of a photograph, or its corner. */
async function original(change: string): Promise<Raster> {
  const piece = await decodeImage(readFileSync(pillowPath("source.png")), false);
  return change.endsWith("reduced") ? piece : cropRaster(piece, { top: 0, left: 0, height: 48, width: 60 });
}

const changes = ["reduced", "much-reduced", "enlarged"] as const;
const cases = interpolations.flatMap((interpolation) => changes.map((change) => ({ interpolation, change })));

describe("resizeRaster", () => {
  it.each(cases)("$interpolation, $change, is Pillow's bit for bit", async ({ interpolation, change }) => {
    const expected = pillow(`${interpolation}-${change}`);
    const { height, width, data } = resizeRaster(
      await original(change),
      [expected.height, expected.width],
      interpolation,
    );
    expect([height, width]).toEqual([expected.height, expected.width]);
    expect(difference(data, expected.data)).toEqual({ mean: 0, max: 0 });
  });

  it.each(interpolations)(
    "%s, wider and lower, is Pillow's to the rounding between the passes",
    async (interpolation) => {
      // Pillow 13 takes the rows first where the height shrinks much more than the width; before, and else, columns.
      const expected = pillow(`${interpolation}-wider-and-lower`);
      const { data } = resizeRaster(
        await original("wider-and-lower"),
        [expected.height, expected.width],
        interpolation,
      );
      expect(difference(data, expected.data).max).toBeLessThanOrEqual(1);
    },
  );

  it("keeps a picture that has its size already", () => {
    const picture = ruled(9, 4);
    expect(resizeRaster(picture, [9, 4], "lanczos")).toEqual(picture);
  });

  it("makes of a region what it is in the whole picture", () => {
    const side = fc.integer({ min: 1, max: 40 });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const filter = fc.constantFrom("bilinear", "bicubic", "lanczos");
    fc.assert(
      fc.property(side, side, side, side, share, share, filter, (h, w, height, width, down, along, name) => {
        const [top, left] = [Math.floor(down * (height - 1)), Math.floor(along * (width - 1))];
        const region = {
          top,
          left,
          height: Math.ceil((height - top) / 2),
          width: Math.ceil((width - left) / 2),
        };
        const picture = ruled(h, w);
        const whole = resizeRaster(picture, [height, width], name);
        expect(resizeRaster(picture, [height, width], name, region)).toEqual(cropRaster(whole, region));
      }),
    );
  });

  it.each([
    [1, 1, 300, 200],
    [300, 200, 1, 1],
    [1, 200, 7, 3],
  ])("%d x %d becomes %d x %d", (height, width, newHeight, newWidth) => {
    const resized = resizeRaster(ruled(height, width), [newHeight, newWidth], "bicubic");
    expect([resized.height, resized.width, resized.data.length]).toEqual([
      newHeight,
      newWidth,
      newHeight * newWidth * 3,
    ]);
  });
});
