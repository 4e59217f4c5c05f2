/**
 * The results of `work` on each item, in the items' order, with up to `simultaneous` of them under way. When the caller
 * leaves the loop, or one fails, the others are waited for.
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  simultaneous: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void> {
  const underWay: Promise<Result>[] = [];
  try {
    for await (const item of items) {
      const result = work(item);
      result.catch(() => undefined); // it is awaited below; until then its failure must not count as unhandled
      underWay.push(result);
      const first = underWay.length < simultaneous ? undefined : underWay.shift();
      if (first !== undefined) yield await first;
    }
    for (let first = underWay.shift(); first !== undefined; first = underWay.shift()) yield await first;
  } finally {
    await Promise.allSettled(underWay);
  }
}
