export type Size = readonly [height: number, width: number];

export const words = ([height, width]: Size): string => `${height}x${width}`;

/** A rectangle of pixels. */
export interface Region {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Python's `round`: to the nearest integer, and from a half to the even one. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const remainder = value - floor;
  return remainder < 0.5 || (remainder === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}

/** How a length between two pixels becomes one: libraries differ, and one pixel of shift is a different input. */
const roundings = { down: Math.floor, nearest: roundHalfEven } as const;
export type Rounding = keyof typeof roundings;

/** How a photograph's size changes before the crop. */
export type ResizeRule =
  /** The shorter side becomes `to`, the aspect stays, and the longer side is rounded. */
  | { readonly rule: "shorterSide"; readonly to: number; readonly rounding: Rounding }
  /** The smallest picture of the same aspect that covers `size`. */
  | { readonly rule: "cover"; readonly size: Size; readonly rounding: Rounding }
  /** Exactly `size`; the aspect gives way. */
  | { readonly rule: "exact"; readonly size: Size }
  | { readonly rule: "none" };

/** The size to which a photograph of the given size is scaled. */
export function resizedSize(resize: ResizeRule, [height, width]: Size): Size {
  switch (resize.rule) {
    case "none":
      return [height, width];
    case "exact":
      return resize.size;
    case "shorterSide":
      return resizedSize({ ...resize, rule: "cover", size: [resize.to, resize.to] }, [height, width]);
    case "cover": {
      const round = roundings[resize.rounding];
      const [minHeight, minWidth] = resize.size;
      return minHeight * width >= minWidth * height
        ? [minHeight, round((minHeight * width) / height)]
        : [round((minWidth * height) / width), minWidth];
    }
  }
}

/** A rectangle of `inner` in the middle of `outer`; it lies outside where `outer` is the smaller one. */
export function centreRegion([height, width]: Size, inner: Size, rounding: Rounding): Region {
  const round = roundings[rounding];
  return {
    top: round((height - inner[0]) / 2),
    left: round((width - inner[1]) / 2),
    height: inner[0],
    width: inner[1],
  };
}

/** The largest rectangle of the given aspect that fits into a picture. */
export function largestWithin([height, width]: Size, [aspectHeight, aspectWidth]: Size): Size {
  const scale = Math.min(height / aspectHeight, width / aspectWidth);
  return [Math.min(height, scale * aspectHeight), Math.min(width, scale * aspectWidth)];
}
