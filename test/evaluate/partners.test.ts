import fc from "fast-check";
import { expect, it } from "vitest";
import { partnersOf } from "../../src/evaluate/partners.ts";

const names = fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 40 });

it("everyone lends to one other and borrows from one other, the same for the same seed", () => {
  fc.assert(
    fc.property(names, fc.nat(), (items, seed) => {
      const partners = partnersOf(items, seed);
      expect([...partners.keys()].sort()).toEqual([...items].sort());
      expect([...partners.values()].sort()).toEqual([...items].sort());
      for (const [item, partner] of partners) expect(partner).not.toBe(item);
      expect(partnersOf(items, seed)).toEqual(partners);
    }),
  );
});

it("following the partners leads through all of them", () => {
  const items = ["a", "b", "c", "d", "e"];
  const partners = partnersOf(items, 5);
  const circle = items.reduce<string[]>((path) => [...path, partners.get(path.at(-1) ?? "") ?? ""], ["a"]);
  expect(circle.slice(1).sort()).toEqual(items);
});

it("one alone has no partner", () => {
  expect(partnersOf(["a"], 0).size).toBe(0);
});
