import { describe, expect, it } from "vitest";
import { random, shuffled } from "../../src/core/random.ts";

describe("random", () => {
  it("is even between 0 and 1, and the same for the same seed", () => {
    const next = random(1);
    const values = Array.from({ length: 10_000 }, next);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(0.5, 2);
    const again = random(1);
    expect(values.slice(0, 5)).toEqual(Array.from({ length: 5 }, again));
    expect(random(2)()).not.toBe(values[0]);
  });
});

describe("shuffled", () => {
  it("keeps every item once, and gives every order its turn", () => {
    const orders = new Map<string, number>();
    for (let seed = 0; seed < 600; seed++) {
      const order = shuffled(["a", "b", "c"], seed).join("");
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect([...orders.keys()].sort()).toEqual(["abc", "acb", "bac", "bca", "cab", "cba"]);
    for (const count of orders.values()) expect(count).toBeGreaterThan(60);
  });
});
