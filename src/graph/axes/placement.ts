/** Where the positions of an axis lie along one direction of the image, in pixels: position i at `first + stride * i`. */
export interface Placement {
  /** Null where positions are out of order, as on a rolled axis. */
  readonly first: number | null;
  readonly stride: number;
  /** Pixels of the image in this direction. */
  readonly image: number;
}

/** Where an operator's output positions lie among the positions of its input: output i at `start + step * i`. */
export interface Sampling {
  readonly start: number;
  readonly step: number;
}

/** The pixels of the image themselves. */
export const pixels = (image: number): Placement => ({ first: 0, stride: 1, image });

/** Placement of an operator's output from that of its input. A reversed axis is out of order. */
export const sampledAt = (of: Placement | null, { start, step }: Sampling): Placement | null =>
  of && {
    ...of,
    first: of.first === null || step < 0 ? null : of.first + of.stride * start,
    stride: of.stride * Math.abs(step),
  };

/** How far so many positions are from covering the image exactly, as a ratio's logarithm; more where they are out of order. */
export const misfit = ({ first, stride, image }: Placement, extent: number): number =>
  Math.abs(Math.log((stride * extent) / image)) + (first === null ? 1 : 0);

/** The same positions in another order. */
export const outOfOrder = (of: Placement | null): Placement | null => of && { ...of, first: null };

/** Blocks of `size` positions, each as one position in its middle. */
export const blocks = (size: number): Sampling => ({ start: (size - 1) / 2, step: size });

/** Every position divided into `count`. */
export const divisions = (count: number): Sampling => ({ start: (1 / count - 1) / 2, step: 1 / count });

/** One part of an axis that is put together: so many positions, and where they lie (null: they are none of the image's). */
interface Part {
  readonly extent: number;
  readonly placement: Placement | null;
}

/** Placement of parts end to end, which may have padding around them. Null where their strides differ or are unknown. */
export function joinedPlacement(parts: readonly Part[]): Placement | null {
  let start = 0;
  const placed: Placement[] = [];
  for (const { extent, placement } of parts) {
    if (placement !== null) placed.push(sampledAt(placement, { start: -start, step: 1 }) ?? placement);
    start += extent;
  }
  const [one, ...others] = placed;
  if (one === undefined || others.some(({ stride }) => stride !== one.stride)) return null;
  return others.every(({ first }) => first === one.first) ? one : outOfOrder(one);
}
