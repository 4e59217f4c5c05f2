/** One photograph's contribution to a map. */
interface Contribution {
  readonly name: string;
  /** Total of its maps, of all its views, before any normalization. */
  readonly mass: number;
}

/** What photographs contribute: the sums of their masses a and of a², and the greatest contribution. */
export interface Contributions {
  readonly sum: number;
  readonly squares: number;
  readonly greatest: Contribution | null;
}

/** The same as views come in, those of one photograph one after the other: its mass is known after its last view. */
export interface RunningContributions {
  /** Of the photographs before the last one. */
  readonly complete: Contributions;
  readonly last: (Contribution & { readonly photograph: number }) | null;
}

export const noContributions: Contributions = { sum: 0, squares: 0, greatest: null };
export const noViews: RunningContributions = { complete: noContributions, last: null };

const greater = (a: Contribution | null, b: Contribution | null): Contribution | null =>
  a === null || (b !== null && Math.abs(b.mass) > Math.abs(a.mass)) ? b : a;

/** With one more view: `mass` is the total of its map. */
export const withView = (
  running: RunningContributions,
  view: NonNullable<RunningContributions["last"]>,
): RunningContributions =>
  running.last?.photograph === view.photograph
    ? { ...running, last: { ...running.last, mass: running.last.mass + view.mass } }
    : { complete: contributionsSoFar(running), last: view };

export const contributionsSoFar = ({ complete, last }: RunningContributions): Contributions =>
  last === null
    ? complete
    : {
        sum: complete.sum + last.mass,
        squares: complete.squares + last.mass ** 2,
        greatest: greater(complete.greatest, { name: last.name, mass: last.mass }),
      };

export const addContributions = (a: Contributions, b: Contributions): Contributions => ({
  sum: a.sum + b.sum,
  squares: a.squares + b.squares,
  greatest: greater(a.greatest, b.greatest),
});

/** (Σa)² / Σa² (Kish 1965): as many photographs of equal mass would tell as much. 0 where there is no mass. */
export const effectiveNumber = ({ sum, squares }: Contributions): number =>
  squares === 0 ? 0 : sum ** 2 / squares;
