import { expect, it } from "vitest";
import { problemsIn } from "../typed.ts";
import { notebooks } from "./notebook.ts";

/** A notebook's cells are one module, in Deno's kernel. */
const modules = Object.fromEntries(
  notebooks.map(({ name, code }) => [name, code.map(({ source }) => source).join("\n")]),
);

it("the code of the notebooks fits the library's types, and code that does not is found", () => {
  const wrong = `import { probe } from "erfit";\nvoid probe("net.onnx", "photos/");\n`;
  const problems = problemsIn({ ...modules, wrong }, "notebooks", ["test/notebooks/deno-kernel.d.ts"]);
  expect(problems).toEqual({ wrong: [expect.stringContaining("not assignable")] });
});
