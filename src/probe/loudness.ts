/** One image's part in a map. */
interface Part {
  readonly name: string;
  /** Total of its map before any normalisation. */
  readonly mass: number;
}

/** How loud images are beside each other: the sums of their masses a and of a², and the loudest of them. */
export interface Loudness {
  readonly sum: number;
  readonly squares: number;
  readonly loudest: Part | null;
}

export const silence: Loudness = { sum: 0, squares: 0, loudest: null };

const larger = (a: Part | null, b: Part | null): Part | null =>
  a === null || (b !== null && Math.abs(b.mass) > Math.abs(a.mass)) ? b : a;

export const louder = ({ sum, squares, loudest }: Loudness, part: Part): Loudness => ({
  sum: sum + part.mass,
  squares: squares + part.mass ** 2,
  loudest: larger(loudest, part),
});

export const together = (a: Loudness, b: Loudness): Loudness => ({
  sum: a.sum + b.sum,
  squares: a.squares + b.squares,
  loudest: larger(a.loudest, b.loudest),
});

/** (Σa)² / Σa² (Kish 1965): as many images of equal mass would tell as much. 0 where there is no mass. */
export const effectiveNumber = ({ sum, squares }: Loudness): number =>
  squares === 0 ? 0 : sum ** 2 / squares;
