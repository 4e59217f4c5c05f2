/** The value, where it cannot be absent unless erfit itself is wrong. @throws Error that names what is missing */
export function required<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`${what} is missing`);
  return value;
}

/** The item at an index that is in range. @throws Error where it is not: a wrong index is a bug, not a zero */
export function at<T>(items: ArrayLike<T>, index: number, what = "item"): T {
  const item = items[index < 0 ? items.length + index : index];
  if (item === undefined) throw new Error(`${what} ${index} of ${items.length} does not exist`);
  return item;
}

/** The value under a key that is there. @throws Error that names the key */
export function valueOf<K, V>(map: ReadonlyMap<K, V>, key: K, what = "key"): V {
  const value = map.get(key);
  if (value === undefined) throw new Error(`${what} ${String(key)} does not exist`);
  return value;
}

/** The keys of a table, with their type. */
export const keysOf = <K extends string>(table: Readonly<Record<K, unknown>>): readonly K[] =>
  Object.keys(table) as K[]; // a table has no other keys

/** The same value under each key. */
export const sameFor = <K extends string, V>(keys: readonly K[], value: V): Readonly<Record<K, V>> =>
  Object.fromEntries(keys.map((key) => [key, value])) as Record<K, V>; // each key is there

/** A function that computes its value for each key once. */
export function memoized<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, { readonly value: V }>();
  return (key) => {
    const known = made.get(key) ?? { value: make(key) };
    made.set(key, known);
    return known.value;
  };
}
