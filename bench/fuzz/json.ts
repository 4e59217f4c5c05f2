import { absurdNumbers, hostileTexts, type Dice } from "./dice.ts";

type Container = Record<string, unknown> | unknown[];
const isContainer = (value: unknown): value is Container => typeof value === "object" && value !== null;

const deep = (levels: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { deeper: value };
  return value;
};

/** What stands in for a value, by chance. */
function replacement(dice: Dice): unknown {
  return dice.pick<() => unknown>([
    () => dice.pick(absurdNumbers),
    () => dice.pick(hostileTexts),
    () => null,
    () => [],
    () => ({}),
    () => true,
    () => 0.5,
    () => -1e308,
    () => deep(5 + dice.below(2000)),
    () => Array.from({ length: dice.below(5000) }, () => dice.pick(absurdNumbers)),
  ])?.();
}

/** All places of a document, as the container and the key in it. */
function placesOf(root: Container): (readonly [Container, string])[] {
  const places: (readonly [Container, string])[] = [];
  const waiting: Container[] = [root];
  for (let container = waiting.pop(); container !== undefined; container = waiting.pop())
    for (const [key, value] of Object.entries(container)) {
      places.push([container, key]);
      if (isContainer(value)) waiting.push(value);
    }
  return places;
}

const valueAt = (container: Container, key: string): unknown => Reflect.get(container, key);

/** One change at a random place of a parsed document, which is changed. */
function changeJson(root: Container, dice: Dice): void {
  const places = placesOf(root);
  const [container, key] = dice.pick(places) ?? [root, "0"];
  const value = valueAt(container, key);
  const kind = dice.below(6);
  if (kind === 0 && Array.isArray(container)) container.splice(Number(key), 1);
  else if (kind === 0) Reflect.deleteProperty(container, key);
  else if (kind === 1 && Array.isArray(value) && value.length > 0)
    value.push(...Array.from({ length: 1 + dice.below(300) }, () => value[0] as unknown));
  else if (kind === 2) {
    const [other, otherKey] = dice.pick(places) ?? [root, "0"];
    Reflect.set(container, key, structuredClone(valueAt(other, otherKey)));
  } else if (kind === 3 && typeof value === "number")
    Reflect.set(container, key, dice.pick(absurdNumbers) ?? 0);
  else Reflect.set(container, key, replacement(dice));
}

/** A document with a few changes. */
export function mutatedJson(bytes: Uint8Array, dice: Dice): Uint8Array {
  const root: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (isContainer(root)) for (let count = 1 + dice.below(3); count > 0; count--) changeJson(root, dice);
  return new TextEncoder().encode(written(root) ?? "[");
}

/** Undefined where changes nest too deeply to be written in this process. */
function written(root: unknown): string | undefined {
  try {
    return JSON.stringify(root);
  } catch {
    return undefined;
  }
}

/** A document a line: one of them is changed. */
export function mutatedLines(bytes: Uint8Array, dice: Dice): Uint8Array {
  const lines = new TextDecoder().decode(bytes).split("\n");
  const at = dice.below(lines.length - 1);
  const changed = mutatedJson(new TextEncoder().encode(lines[at]), dice);
  return new TextEncoder().encode(lines.with(at, new TextDecoder().decode(changed)).join("\n"));
}
