/** One photograph's part in a map. */
interface Part {
  readonly name: string;
  /** Total of its maps, of all its views, before any normalization. */
  readonly mass: number;
}

/** How loud photographs are beside each other: the sums of their masses a and of a², and the loudest of them. */
export interface Loudness {
  readonly sum: number;
  readonly squares: number;
  readonly loudest: Part | null;
}

/** Loudness as views come in, those of one photograph one after the other: its mass is known after its last view. */
export interface RunningLoudness {
  /** Of the photographs before the last one. */
  readonly complete: Loudness;
  readonly last: (Part & { readonly photograph: number }) | null;
}

export const silence: Loudness = { sum: 0, squares: 0, loudest: null };
export const unheard: RunningLoudness = { complete: silence, last: null };

const larger = (a: Part | null, b: Part | null): Part | null =>
  a === null || (b !== null && Math.abs(b.mass) > Math.abs(a.mass)) ? b : a;

/** With one more view: `mass` is the total of its map. */
export const louder = (
  running: RunningLoudness,
  view: NonNullable<RunningLoudness["last"]>,
): RunningLoudness =>
  running.last?.photograph === view.photograph
    ? { ...running, last: { ...running.last, mass: running.last.mass + view.mass } }
    : { complete: loudnessSoFar(running), last: view };

export const loudnessSoFar = ({ complete, last }: RunningLoudness): Loudness =>
  last === null
    ? complete
    : {
        sum: complete.sum + last.mass,
        squares: complete.squares + last.mass ** 2,
        loudest: larger(complete.loudest, { name: last.name, mass: last.mass }),
      };

export const together = (a: Loudness, b: Loudness): Loudness => ({
  sum: a.sum + b.sum,
  squares: a.squares + b.squares,
  loudest: larger(a.loudest, b.loudest),
});

/** (Σa)² / Σa² (Kish 1965): as many photographs of equal mass would tell as much. 0 where there is no mass. */
export const effectiveNumber = ({ sum, squares }: Loudness): number =>
  squares === 0 ? 0 : sum ** 2 / squares;
