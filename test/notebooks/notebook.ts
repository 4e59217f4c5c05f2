import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";
import { z } from "zod";

const root = fileURLToPath(new URL("../..", import.meta.url));

const text = z.union([z.string(), z.array(z.string())]).transform((lines) => [lines].flat().join(""));

const output = z.object({
  output_type: z.string(),
  text: text.default(""),
  data: z.record(z.string(), text).default({}),
});

const cell = z.object({
  id: z.string(),
  cell_type: z.enum(["markdown", "code"]),
  source: text,
  metadata: z.record(z.string(), z.unknown()),
  execution_count: z.int().nullish(),
  outputs: z.array(output).default([]),
});

const notebook = z.object({
  cells: z.array(cell),
  metadata: z.object({ kernelspec: z.object({ name: z.string() }) }),
});

type Cell = z.infer<typeof cell>;

/** A notebook as it is saved. */
export interface Notebook {
  readonly name: string;
  readonly path: string;
  readonly saved: string;
  readonly kernel: string;
  readonly cells: readonly Cell[];
  readonly code: readonly Cell[];
}

/** All notebooks of the checkout. */
export const notebooks: readonly Notebook[] = globSync("notebooks/*.ipynb", { cwd: root, absolute: true })
  .sort()
  .map((path) => {
    const saved = readFileSync(path, "utf8");
    const { cells, metadata } = notebook.parse(JSON.parse(saved));
    const code = cells.filter(({ cell_type }) => cell_type === "code");
    return { name: basename(path, ".ipynb"), path, saved, kernel: metadata.kernelspec.name, cells, code };
  });
