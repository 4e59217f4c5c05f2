/** Draws one thing, again whenever one of the entries that it reads has changed. */
export interface View<S> {
  readonly reads: readonly (keyof S)[];
  readonly draw: (state: S) => void;
}

export interface Store<S> {
  readonly state: S;
  change(entries: Partial<S>): void;
}

/** A section's state and its views. Several changes between two frames are drawn once: a drag fires faster than it is drawn. */
export function openStore<S extends object>(
  initial: S,
  views: (store: Store<S>) => readonly View<S>[],
): Store<S> {
  let state = initial;
  let drawn: S | null = null;
  let waiting = false;
  const store: Store<S> = {
    get state() {
      return state;
    },
    change(entries) {
      state = { ...state, ...entries };
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(draw);
    },
  };
  const all = views(store);
  function draw(): void {
    waiting = false;
    const [now, before] = [state, drawn];
    drawn = now;
    for (const { reads, draw: drawView } of all)
      if (before === null || reads.some((key) => now[key] !== before[key])) drawView(now);
  }
  draw();
  return store;
}
