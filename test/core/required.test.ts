import { describe, expect, it } from "vitest";
import { at, required, valueOf } from "../../src/core/required.ts";

describe("what must be there", () => {
  it("is handed out", () => {
    expect(required(0, "count")).toBe(0);
    expect(at([4, 5], 1)).toBe(5);
    expect(at([4, 5], -1)).toBe(5);
    expect(valueOf(new Map([["a", 1]]), "a")).toBe(1);
  });

  it("is an error where it is missing, not a zero", () => {
    expect(() => required<number>(undefined, "the layer's stride")).toThrow("the layer's stride is missing");
    expect(() => at([4, 5], 2, "axis")).toThrow("axis 2 of 2 does not exist");
    expect(() => valueOf(new Map<string, number>(), "b", "tensor")).toThrow("tensor b does not exist");
  });
});
