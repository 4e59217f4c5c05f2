/** Where one axis of the calibrated cell lies: its index, the fitted centre of its ERF and the layer's stride, in pixels. */
export interface CellAnchor {
  readonly cell: number;
  readonly centre: number;
  readonly stride: number;
}

interface CellPosition {
  readonly title: string;
  /** Pixel of cell i on an axis of so many cells and pixels. */
  readonly pixelOf: (i: number, cells: number, pixels: number, anchor: CellAnchor) => number;
}

/** Where the cells of the grid lie in the image, 0-based pixel centres; Eq. 4 of Kim et al. 2021 fixes the first. */
export const cellPositions = {
  paper: {
    title: "cell i at pixel (w/u) i, as in Eq. 4",
    pixelOf: (i, cells, pixels) => (pixels / cells) * i,
  },
  centre: {
    title: "cell i at the middle of its share of the image",
    pixelOf: (i, cells, pixels) => (pixels / cells) * (i + 0.5) - 0.5,
  },
  calibrated: {
    title: "cells at the fitted centre of the probed cell, one stride apart",
    pixelOf: (i, _cells, _pixels, { cell, centre, stride }) => centre + stride * (i - cell),
  },
} as const satisfies Record<string, CellPosition>;

export type CellPositionName = keyof typeof cellPositions;
