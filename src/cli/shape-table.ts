import type { Calibration } from "../calibration/schema.ts";
import { short, table } from "./text.ts";

/** Of a calibration: files from before lack what was added since. */
type ErfShape = Calibration["shape"];

type Row = readonly [name: string, numbers: readonly (string | undefined)[], meaning: string];

/** Numbers in columns that line up from block to block; a dash where there is none. */
const columns = (...rows: readonly Row[]): string =>
  table(
    rows.map(([name, numbers, meaning]) => [
      name.padEnd(nameWidth),
      ...numbers.map((text = "-") => text.padStart(numberWidth)),
      meaning,
    ]),
  );

const [nameWidth, numberWidth] = [18, 7];

const pixels = (length: number | null | undefined): string | undefined => length?.toFixed(1);
const percent = (share: number): string => `${short(100 * share)} %`;
const rounded = (share: number | null): string | undefined =>
  share === null ? undefined : `${(100 * share).toFixed(1)} %`;

/** The lines of some statistics; undefined where the map has none of them. */
type Block = (shape: ErfShape) => string | undefined;

const widths: Block = ({ moments, fullWidthX: x, fullWidthY: y }) =>
  moments === null && x === null && y === null
    ? undefined
    : columns(
        ["", ["x", "y"], ""],
        ["center of mass", [moments?.centerX, moments?.centerY].map(pixels), "px"],
        [
          "standard deviation",
          [moments?.sigmaX, moments?.sigmaY].map(pixels),
          "px, of the whole map: background and tails count in full",
        ],
        ["FWHM", [x?.inner, y?.inner].map(pixels), "px, of column and row sums; a Gaussian's is 2.355 sigma"],
        ...ambiguousWidths([x, y]),
      );

const ambiguousWidths = (both: readonly ErfShape["fullWidthX"][]): readonly Row[] =>
  both.some((width) => width !== null && width.outer > width.inner)
    ? [
        [
          "  or, at most",
          both.map((width) => pixels(width?.outer)),
          "px: they pass half the maximum more than twice",
        ],
      ]
    : [];

const cellAt = ({ centerX, centerY }: { readonly centerX: number; readonly centerY: number }): string =>
  `px, around the cell's center ${centerX}, ${centerY}`;

const contributionAreas: Block = ({ contributionAreas: areas, contributionAreasAroundCell: own }) =>
  areas === null && !own
    ? undefined
    : columns(
        ["share of the sum", (areas ?? own?.areas ?? []).map(({ share }) => percent(share)), ""],
        ...squareRows(areas, "px, around the image's center (RepLKNet)"),
        ...(own ? squareRows(own.areas, cellAt(own)) : []),
      );

const squareRows = (areas: ErfShape["contributionAreas"], meaning: string): readonly Row[] =>
  areas === null
    ? []
    : [
        ["side of the square", areas.map(({ side }) => side?.toString()), meaning],
        ["  of the image", areas.map(({ areaRatio }) => rounded(areaRatio)), "of its area"],
      ];

const radii: Block = ({ radialMass, radialMassAroundCell: own }) =>
  radialMass === null
    ? undefined
    : columns(
        ["share of the sum", radialMass.holding.map(({ share }) => percent(share)), ""],
        ["radius", radialMass.holding.map(({ radius }) => pixels(radius)), "px, around the image's center"],
        ...(own
          ? [["radius", own.holding.map(({ radius }) => pixels(radius)), cellAt(own)] satisfies Row]
          : []),
      );

const radialMass: Block = ({ radialMass: mass }) =>
  mass === null
    ? undefined
    : columns(
        ["radius, px", mass.within.map(({ radius }) => String(radius)), ""],
        ["share of the sum", mass.within.map(({ share }) => rounded(share)), "(OpenERF)"],
      );

const effectiveArea: Block = ({ effectiveArea: area }) =>
  area === null
    ? undefined
    : columns(
        [
          "effective size",
          [pixels(area.side)],
          "px, root of the pixels above 4.55 % of the center (Luo et al. 2016)",
        ],
        [
          "  of theoretical",
          [rounded(area.ratio)],
          area.theoreticalSide === null
            ? ""
            : `of ${pixels(area.theoreticalSide) ?? ""} px, the theoretical receptive field on the image`,
        ],
      );

/** Each reason once. */
const missing: Block = (shape) => {
  const reasons = new Set(shape.missing.map(({ reason }) => reason));
  return reasons.size === 0
    ? undefined
    : Array.from(reasons, (reason) => `not measured: ${reason}`).join("\n");
};

const blocks: readonly Block[] = [widths, contributionAreas, radii, radialMass, effectiveArea, missing];

/** The statistics of a map that take no Gaussian for granted, as people read them. */
export const shapeText = (shape: ErfShape): string =>
  blocks.flatMap((block) => block(shape) ?? []).join("\n\n");
