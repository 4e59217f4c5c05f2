import { beforeAll, describe, expect, it } from "vitest";
import * as library from "../../../src/index.ts";
import * as figures from "../../../src/figures.ts";
import { problemsIn } from "../../typed.ts";
import { examples } from "./examples.ts";
import { outcomesOf, unexpected, type Outcome } from "./run-examples.ts";

describe("the examples of the public functions", () => {
  const outcomes = new Map<string, Outcome>();
  beforeAll(() => {
    for (const outcome of outcomesOf(examples)) outcomes.set(outcome.name, outcome);
  });

  it.each(examples)("$name runs, and prints what it says", ({ name }) => {
    const outcome = outcomes.get(name);
    expect(outcome?.problem).toBeNull();
    expect(outcome?.lines).not.toHaveLength(0);
    expect(outcome && unexpected(outcome)).toEqual([]);
  });

  it("are there for every function", () => {
    const functions = Object.entries({ ...library, ...figures }).flatMap(([name, value]) =>
      typeof value === "function" && name !== "ErfitError" ? [name] : [],
    );
    const code = examples.map((example) => example.code).join("\n");
    expect(functions.filter((name) => !code.includes(`${name}(`))).toEqual([]);
    expect(functions).toHaveLength(examples.length);
  });

  it("fit the types", () => {
    const modules = Object.fromEntries(examples.map(({ name, code }) => [name, code]));
    expect(problemsIn(modules, "outputs")).toEqual({}); // in src a module of the same name would hide figures.ts
  });

  it("that print something else, or fail, are found", () => {
    const [wrong, failing] = outcomesOf([
      { name: "wrong", code: "console.log(1 + 1); // 3\n" },
      { name: "failing", code: `throw new Error("no");\n` },
    ]);
    expect(wrong && unexpected(wrong)).toEqual(["2, not 3"]);
    expect(failing?.problem).toContain("no");
  });
});
