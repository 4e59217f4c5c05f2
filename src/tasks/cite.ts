import { join } from "node:path";
import { z } from "zod";
import { camMethods } from "../cam/methods.ts";
import { ErfitError } from "../core/error.ts";
import { keysOf } from "../core/required.ts";
import { protocols } from "../erf/protocols.ts";
import { curves, metrics } from "../evaluate/metrics.ts";
import { readIfThere } from "../io/files.ts";
import { erfitVersion } from "../io/version.ts";
import { paperOf, software, type Reference } from "../report/bibtex.ts";
import { oneOf, several, type CheckedOptions } from "./option.ts";

/** What a paper has to cite: of the methods that it names, and of the results that it shows. */

export const citeOptions = {
  method: several(oneOf(keysOf(camMethods)), {
    group: "method",
    alias: "m",
    describe: `CAM methods to cite: ${keysOf(camMethods).join(", ")}`,
  }),
} as const;

const measures = { ...metrics, ...curves };

/** What the records of results tell of the papers behind them. */
const records = {
  "calibration.json": z
    .object({ protocol: oneOf(keysOf(protocols)) })
    .transform(({ protocol }) => [protocols[protocol].source]),
  "cam.json": z
    .object({ columns: z.array(z.object({ method: oneOf(keysOf(camMethods)) })) })
    .transform(({ columns }) => columns.map(({ method }) => camMethods[method].paper)),
  "evaluation.json": z
    .object({
      columns: z.array(z.object({ method: oneOf(keysOf(camMethods)) })),
      rows: z.array(z.object({ measures: z.partialRecord(oneOf(keysOf(measures)), z.unknown()) })),
    })
    .transform(({ columns, rows }) => [
      ...columns.map(({ method }) => camMethods[method].paper),
      ...rows.flatMap(({ measures: seen }) =>
        keysOf(measures).flatMap((name) => (name in seen ? [measures[name].paper] : [])),
      ),
    ]),
} as const;

async function citationsIn(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  let there = false;
  for (const [name, schema] of Object.entries(records)) {
    const path = join(folder, name);
    const bytes = await readIfThere(path, "the record of a result");
    if (bytes === undefined) continue;
    there = true;
    try {
      found.push(...schema.parse(JSON.parse(Buffer.from(bytes).toString())));
    } catch (cause) {
      throw new ErfitError(`${path}: no record that erfit wrote`, { cause });
    }
  }
  if (there) return found;
  throw new ErfitError(`${folder}: none of ${Object.keys(records).join(", ")} is there`, {
    remedy: "name folders that `erfit calibrate`, `erfit cam` or `erfit evaluate` wrote, or none",
  });
}

interface Citations {
  /** Each once: erfit, Extended-CAM's paper, the first study of ERFs, and what the methods and results rest on. */
  readonly references: readonly Reference[];
  /** Sources of which no entry is known. */
  readonly unknown: readonly string[];
}

/** @throws ErfitError where a folder holds no results */
export async function citations(
  { method = [] }: CheckedOptions<typeof citeOptions>,
  folders: readonly string[],
): Promise<Citations> {
  const sources = ["Kim et al. 2023", "Luo et al. 2016", ...method.map((name) => camMethods[name].paper)];
  for (const folder of folders) sources.push(...(await citationsIn(folder)));
  const papers = new Map<string, Reference>();
  const unknown = new Set<string>();
  for (const source of sources) {
    const paper = paperOf(source);
    if (paper !== undefined) papers.set(paper.key, paper);
    else if (source !== protocols.absolute.source) unknown.add(source);
  }
  return { references: [software(erfitVersion), ...papers.values()], unknown: [...unknown] };
}
