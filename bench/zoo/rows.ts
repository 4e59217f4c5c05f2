import { appendFile, mkdir, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { exportsOf, modelOf, type Entry } from "./entry.ts";

/** Rows of the present run, or of one that was interrupted. */
const journal = "bench/.cache/zoo/rows.jsonl";

const comparison = z.object({
  /** `logits[0, 283]`: an element of an output. */
  scalar: z.string(),
  operators: z.array(z.string()),
  strides: z.object({ layers: z.number(), wrong: z.array(z.string()).readonly() }),
  fromFloat64: z.number(),
  fromFloat32: z.number(),
  agreed: z
    .object({
      fromFloat64: z.number(),
      flips: z.number(),
      decisions: z.number(),
      margin: z.number(),
      unmatched: z.number(),
    })
    .optional(),
  passed: z.boolean(),
});

const row = z.object({
  model: z.string(),
  exporter: z.enum(["dynamo", "legacy"]),
  opset: z.number(),
  outcome: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("compared"), comparison }),
    /** PyTorch cannot write this file, for a reason that is known. */
    z.object({ kind: z.literal("not exported"), reason: z.string() }),
    /** erfit refuses the file, for a reason that is known; in its own words. */
    z.object({ kind: z.literal("refused"), message: z.string(), why: z.string() }),
    z.object({ kind: z.literal("failed"), reason: z.string() }),
  ]),
});

/** How erfit's gradient compares with PyTorch's in float64 and float32, and with float64's decisions where they differ. */
export type Comparison = z.infer<typeof comparison>;
export type Row = z.infer<typeof row>;

export const rowName = ({ model, exporter, opset }: Omit<Row, "outcome">): string =>
  `${model} ${exporter} ${opset}`;

export const passed = ({ outcome }: Row): boolean =>
  outcome.kind === "compared"
    ? outcome.comparison.passed && outcome.comparison.strides.wrong.length === 0
    : outcome.kind !== "failed";

/** The rows of these networks, in their order. */
export const rowsIn = (entries: readonly Entry[], rows: ReadonlyMap<string, Row>): readonly Row[] =>
  entries.flatMap((entry) =>
    exportsOf(entry).flatMap((each) => rows.get(rowName({ model: modelOf(entry), ...each })) ?? []),
  );

/** Rows of an interrupted run, by name; a row that was written twice counts as it was written last. */
export async function readRows(): Promise<ReadonlyMap<string, Row>> {
  const text = await readFile(journal, "utf8").catch(() => "");
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(
    lines.map((line) => {
      const read = row.parse(JSON.parse(line));
      return [rowName(read), read];
    }),
  );
}

export async function writeRow(written: Row): Promise<void> {
  await mkdir(dirname(journal), { recursive: true });
  await appendFile(journal, JSON.stringify(written) + "\n");
}

export const forgetRows = (): Promise<void> => rm(journal, { force: true });
