import { describe, expect, it } from "vitest";
import { problemsIn } from "../typed.ts";
import { notebooks } from "./notebook.ts";

/** A notebook's cells are one module, in Deno's kernel. */
const problemsOf = (code: string): readonly string[] =>
  problemsIn({ cells: code }, "notebooks", ["test/notebooks/deno-kernel.d.ts"]);

describe("the code of the notebooks fits the library's types", () => {
  it.each(notebooks)("$name", ({ code }) => {
    expect(problemsOf(code.map(({ source }) => source).join("\n"))).toEqual([]);
  });

  it("and code that does not fit is found", () => {
    const [problem = ""] = problemsOf(`import { probe } from "erfit";\nvoid probe("net.onnx", "photos/");\n`);
    expect(problem).toContain("not assignable");
  });
});
