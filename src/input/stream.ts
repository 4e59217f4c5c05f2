import { ErfitError } from "../core/error.ts";
import type { View } from "./crops.ts";
import { loadInput, type Input } from "./load.ts";
import type { ImageLayout } from "../runtime/network.ts";
import type { Preprocessing } from "./preprocessing.ts";

/** A view on its way into a network; `input` is null, and `problem` says why, where it could not be read. */
export interface LoadedView {
  readonly view: View;
  readonly input: Input | null;
  readonly problem?: string;
}

/** Views decoded at once: while one image is in the engine, the next ones are decoded. */
const readAhead = 4;

async function loadView(view: View, preprocessing: Preprocessing, layout: ImageLayout): Promise<LoadedView> {
  try {
    return { view, input: await loadInput(view.source, preprocessing, layout, view.crop) };
  } catch (thrown) {
    // A failure is of the decoder itself, and of no photograph.
    if (thrown instanceof ErfitError && thrown.kind === "input")
      return { view, input: null, problem: thrown.message };
    throw thrown;
  }
}

/** The views in order, decoded ahead of their use; memory holds `readAhead` of them. */
export async function* loadViews(
  views: readonly View[],
  preprocessing: Preprocessing,
  layout: ImageLayout,
): AsyncGenerator<LoadedView, void> {
  const pending: Promise<LoadedView>[] = [];
  let next = 0;
  while (next < views.length || pending.length > 0) {
    for (let view = views[next]; view !== undefined && pending.length < readAhead; view = views[++next]) {
      const promise = loadView(view, preprocessing, layout);
      promise.catch(() => undefined); // it is awaited below; until then its failure must not count as unhandled
      pending.push(promise);
    }
    const first = pending.shift();
    if (first !== undefined) yield await first;
  }
}

/** A reader may be so many views ahead of the slowest one: what it has read is kept until all have. */
const mostAhead = 16;

/** One of several readers of the same views. */
export interface SharedReader {
  /** The last of the views, as many as are given, in their order. */
  readonly load: (
    views: readonly View[],
    preprocessing: Preprocessing,
    layout: ImageLayout,
  ) => AsyncGenerator<LoadedView, void>;
  /** Nobody waits for this reader any more; one that fails before it has begun ends the others' reading too. */
  readonly close: (failure?: unknown) => void;
}

/** Readers that go through the same views side by side; each view is decoded once. @param count how many views there are */
export function sharedReaders(readers: number, count: number): readonly SharedReader[] {
  /** The view that each reader takes next. */
  const positions = new Array<number>(readers).fill(0);
  const loaded = new Map<number, Promise<LoadedView>>();
  let waiting: (() => void)[] = [];
  let failure: Error | undefined;
  const slowest = (): number => Math.min(...positions);

  const advance = (reader: number, position: number): void => {
    positions[reader] = position;
    for (const index of loaded.keys()) if (index < slowest()) loaded.delete(index);
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  };

  return positions.map((_, reader) => {
    let begun = false;
    return {
      async *load(views, preprocessing, layout) {
        begun = true;
        const first = count - views.length;
        advance(reader, first);
        const begin = (index: number): Promise<LoadedView> | undefined => {
          const view = views[index - first];
          const known = loaded.get(index);
          if (known !== undefined || view === undefined) return known;
          const loading = loadView(view, preprocessing, layout);
          loading.catch(() => undefined); // it is awaited below; until then its failure must not count as unhandled
          loaded.set(index, loading);
          return loading;
        };
        for (let index = first; index < count; index++) {
          while (index >= slowest() + mostAhead) await new Promise<void>((wake) => waiting.push(wake));
          if (failure !== undefined) throw failure;
          const here = begin(index);
          for (let next = 1; next < readAhead; next++) void begin(index + next);
          if (here === undefined) return;
          const view = await here;
          advance(reader, index + 1);
          yield view;
        }
      },
      close: (thrown) => {
        if (!begun && thrown instanceof Error) failure ??= thrown;
        advance(reader, Infinity);
      },
    };
  });
}
