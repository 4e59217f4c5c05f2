import { expect, it } from "vitest";
import { shapeText } from "../../src/cli/shape-table.ts";
import { realMap } from "../../src/core/tensor.ts";
import { shapeOf } from "../../src/erf/shape/shape.ts";
import { gaussianAt, mapOf } from "../fit/maps.ts";

const receptiveField = { height: 80, width: 80, centerX: 50, centerY: 50 };

it("shows every statistic with what it means", () => {
  const map = mapOf(100, 100, gaussianAt({ amplitude: 1, centerX: 50, centerY: 50, sigmaX: 12, sigmaY: 10 }));
  expect(shapeText(shapeOf(map, { receptiveField, cellCenter: { x: 70, y: 40 } }))).toMatchInlineSnapshot(`
    "                          x        y
    center of mass         50.0     50.0  px
    standard deviation     12.0     10.0  px, of the whole map: background and tails count in full
    FWHM                   28.3     23.6  px, of column and row sums; a Gaussian's is 2.355 sigma

    share of the sum       20 %     30 %     50 %     99 %
    side of the square       15       17       25       65  px, around the image's center (RepLKNet)
      of the image        2.3 %    2.9 %    6.3 %   42.3 %  of its area
    side of the square       29       35       45       97  px, around the cell's center 70, 40
      of the image        8.4 %   12.2 %   20.3 %   69.4 %  of its area

    share of the sum       50 %  68.27 %     90 %  95.45 %     99 %
    radius                 13.0     16.6     23.8     27.6     34.0  px, around the image's center
    radius                 24.8     30.0     39.1     43.7     51.0  px, around the cell's center 70, 40

    radius, px                5       10       20       30       40       60       80
    share of the sum     10.2 %   34.2 %   80.7 %   97.3 %   99.8 %  100.0 %  100.0 %  (OpenERF)

    effective size         48.1  px, root of the pixels above 4.55 % of the center (Luo et al. 2016)
      of theoretical     60.1 %  of 80.0 px, the theoretical receptive field on the image"
  `);
});

it("shows both full widths of a jagged map, and says each reason once", () => {
  const surface = gaussianAt({ amplitude: 1, centerX: 50, centerY: 50, sigmaX: 12, sigmaY: 10 });
  const signed = mapOf(100, 100, (x, y) => surface(x, y) * (x % 2 === 0 ? 1 : -0.1));
  expect(shapeText(shapeOf(signed, { receptiveField: null }))).toMatchInlineSnapshot(`
    "                          x        y
    center of mass            -        -  px
    standard deviation        -        -  px, of the whole map: background and tails count in full
    FWHM                    0.9     23.6  px, of column and row sums; a Gaussian's is 2.355 sigma
      or, at most          28.0     23.6  px: they pass half the maximum more than twice

    effective size         33.9  px, root of the pixels above 4.55 % of the center (Luo et al. 2016)
      of theoretical          -

    not measured: 9.09 % of the map's absolute sum is negative, and shares of a total have no meaning there
    not measured: no theoretical receptive field is known to compare with"
  `);
});

it("of a map that has no shape only the reason is left", () => {
  const zeros = realMap(8, 8, new Float64Array(64));
  expect(shapeText(shapeOf(zeros, { receptiveField }))).toBe("not measured: the map is zero everywhere");
});
