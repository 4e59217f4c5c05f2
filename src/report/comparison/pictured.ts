import type { ComparedErf } from "../../calibration/comparison/compared.ts";
import type { RealMap } from "../../core/tensor.ts";
import type { ErfColoring } from "../erf/colors.ts";
import type { FigureStyle } from "../figure-style.ts";
import { sharesOf, type ScaleName } from "../value-scale.ts";
import { windowAround, windowOf, type Window } from "../window.ts";

/** A calibration with its map. */
export interface PicturedErf extends ComparedErf {
  readonly map: RealMap;
}

export interface ComparisonPicture {
  readonly erfs: readonly PicturedErf[];
  readonly scale: ScaleName;
  /** Whether equal colors are equal values; else each map goes to its own greatest. */
  readonly sharedColors: boolean;
}

/** What is compared, as it is drawn. */
export interface StyledPicture extends ComparisonPicture {
  readonly style: FigureStyle;
}

export const coloringOf = ({ scale, style }: StyledPicture): ErfColoring => ({
  scale,
  colorMap: style.colorMap,
});

export const titleOf = (erfs: readonly PicturedErf[]): string =>
  `Effective receptive fields: ${erfs.map(({ label }) => label).join(", ")}`;

/** One of those with its map in shares of the sum, and what a picture shows of it. */
export interface Framed {
  readonly erf: PicturedErf;
  readonly shares: RealMap;
  readonly window: Window;
}

/** Fields whose sizes differ by no more than this factor are shown at one scale. */
const alike = 2;

const sideOf = ({ width, height }: Window): number => Math.max(width, height);

export interface Framing {
  readonly all: readonly Framed[];
  /** Whether a pixel is as large in all pictures. */
  readonly oneScale: boolean;
  /** Pixels of the longest side. */
  readonly longest: number;
}

const middleOf = ({ x, y, width, height }: Window): readonly [x: number, y: number] => [
  x + (width - 1) / 2,
  y + (height - 1) / 2,
];

/**
 * The part of each map that its field takes; of fields of like size equal parts, so that they can be compared by eye.
 * @param mostRatio of the sizes of fields that are shown at one scale
 */
export function framingOf(erfs: readonly PicturedErf[], mostRatio: number = alike): Framing {
  const own = erfs.map((erf) => ({
    erf,
    shares: sharesOf(erf.map),
    window: windowOf(erf.map.shape, erf.fit, erf.calibration.layer.receptiveField),
  }));
  const sides = own.map(({ window }) => sideOf(window));
  const longest = Math.max(...sides);
  if (longest > mostRatio * Math.min(...sides)) return { all: own, oneScale: false, longest };
  const all = own.map((one) => ({
    ...one,
    window: windowAround(middleOf(one.window), longest, one.erf.map.shape),
  }));
  return { all, oneScale: true, longest: Math.max(...all.map(({ window }) => sideOf(window))) };
}
