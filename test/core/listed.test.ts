import { expect, test } from "vitest";
import { listed } from "../../src/core/error.ts";

test("long lists are cut short, and say by how much", () => {
  expect(listed(["a", "b"], 2)).toBe("a, b");
  expect(listed(["a", "b", "c"], 2)).toBe("a, b and 1 more");
});
