import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { z } from "zod";
import { inCheckout } from "../../cli/erfit.ts";
import type { Example } from "./examples.ts";

const outcome = z.object({ name: z.string(), lines: z.array(z.string()), problem: z.string().nullable() });

export type Outcome = z.infer<typeof outcome>;

/** Ends a line that says what the next one should be. */
const expected = "\0";

/** `console.log(x); // y` also says what it should print. */
const announcing = (code: string): string =>
  code.replaceAll(
    /^( *)console\.log\((.*)\); \/\/ (.+)$/gm,
    (_, indent: string, printed: string, said: string) =>
      `${indent}console.log(${JSON.stringify(said + expected)}); console.log(${printed});`,
  );

const runner = (names: readonly string[]) => `
  import { format } from "node:util";
  const outcomes = [];
  for (const name of ${JSON.stringify(names)}) {
    const lines = [];
    console.log = (...values) => lines.push(format(...values));
    const problem = await import("./" + name + ".mjs").then(() => null, (thrown) => String(thrown?.stack ?? thrown));
    outcomes.push({ name, lines, problem });
  }
  process.stdout.write(JSON.stringify(outcomes));
`;

/** Runs the examples one after the other, in the checkout's folder, with the built library; "erfit" is this checkout. */
export function outcomesOf(examples: readonly Example[]): readonly Outcome[] {
  const outputs = inCheckout("outputs");
  mkdirSync(outputs, { recursive: true });
  const folder = mkdtempSync(join(outputs, "examples-"));
  try {
    for (const { name, code } of examples) {
      const { code: javascript } = transformSync(announcing(code), {
        loader: "ts",
        format: "esm",
        target: "node20",
      });
      writeFileSync(join(folder, `${name}.mjs`), javascript);
    }
    const main = join(folder, "main.mjs");
    writeFileSync(main, runner(examples.map(({ name }) => name)));
    const printed = execFileSync(process.execPath, [main], { cwd: inCheckout("."), maxBuffer: 2 ** 26 });
    return z.array(outcome).parse(JSON.parse(printed.toString()));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The lines that are not as announced. */
export const unexpected = ({ lines }: Outcome): readonly string[] =>
  lines.flatMap((line, k) => {
    if (!line.endsWith(expected)) return [];
    const said = line.slice(0, -expected.length);
    const parts = said.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
    const printed = lines[k + 1] ?? "";
    return new RegExp(`^${parts.join("[^]*")}$`).test(printed) ? [] : [`${printed}, not ${said}`];
  });
