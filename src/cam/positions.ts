/** Where one axis of the calibrated cell lies: its index, the fitted center of its ERF and the layer's stride, in pixels. */
export interface CellAnchor {
  readonly cell: number;
  readonly center: number;
  readonly stride: number;
}

interface CellPosition {
  readonly title: string;
  /** Pixel of cell i on an axis of so many cells and pixels. */
  readonly pixelOf: (i: number, cells: number, pixels: number, anchor: CellAnchor) => number;
}

/** Where the cells of the grid lie in the image, 0-based pixel centers; Eq. 4 of Kim et al. 2021 fixes the first. */
export const cellPositions = {
  paper: {
    title: "cell i at pixel (w/u) i, as in Eq. 4",
    pixelOf: (i, cells, pixels) => (pixels / cells) * i,
  },
  center: {
    title: "cell i at the middle of its share of the image",
    pixelOf: (i, cells, pixels) => (pixels / cells) * (i + 0.5) - 0.5,
  },
  calibrated: {
    title: "cells at the fitted center of the probed cell, one stride apart",
    pixelOf: (i, _cells, _pixels, { cell, center, stride }) => center + stride * (i - cell),
  },
} as const satisfies Record<string, CellPosition>;

export type CellPositionName = keyof typeof cellPositions;
