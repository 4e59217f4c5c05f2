import { ErfitError } from "../core/error.ts";
import type { View } from "./crops.ts";
import { loadInput, type Input } from "./load.ts";
import type { Layout } from "./normalize.ts";
import type { Preprocessing } from "./preprocessing.ts";

/** A view on its way into a network; `input` is null, and `problem` says why, where it could not be read. */
export interface LoadedView {
  readonly view: View;
  readonly input: Input | null;
  readonly problem?: string;
}

/** Views decoded at once: while one image is in the engine, the next ones are decoded. */
export const readAhead = 4;

export async function loadView(
  view: View,
  preprocessing: Preprocessing,
  layout: Layout,
): Promise<LoadedView> {
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
  layout: Layout,
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
