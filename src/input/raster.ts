export type Size = readonly [height: number, width: number];

/** A rectangle of pixels. */
export interface Region {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** A picture of `height` x `width` pixels, 8-bit sRGB, row-major, three bytes a pixel (R, G, B). */
export interface Raster {
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array;
}

export const sizeOfRaster = ({ height, width }: Raster): Size => [height, width];

/** The pixels of a region that lies within the picture. */
export function cropRaster(raster: Raster, { top, left, height, width }: Region): Raster {
  const data = new Uint8Array(height * width * 3);
  // Hot loop: indices are in range by construction.
  for (let y = 0; y < height; y++) {
    const start = ((top + y) * raster.width + left) * 3;
    data.set(raster.data.subarray(start, start + width * 3), y * width * 3);
  }
  return { height, width, data };
}

/** A picture of one color, red, green and blue, with another one in it, which lies within it. */
export function placeRaster(
  raster: Raster,
  [height, width]: Size,
  at: { readonly top: number; readonly left: number },
  color: readonly [number, number, number],
): Raster {
  const data = new Uint8Array(height * width * 3);
  for (let pixel = 0; pixel < height * width; pixel++) data.set(color, pixel * 3);
  for (let y = 0; y < raster.height; y++) {
    const row = raster.data.subarray(y * raster.width * 3, (y + 1) * raster.width * 3);
    data.set(row, ((at.top + y) * width + at.left) * 3);
  }
  return { height, width, data };
}
