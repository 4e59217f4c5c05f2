import { writeFile } from "node:fs/promises";
import { basename, isAbsolute } from "node:path";
import { format, resolveConfig } from "prettier";
import { matmulOf } from "./figures.ts";
import { firstImages } from "./pair.ts";
import type { BackboneRecord } from "./record.ts";
import { table } from "./table.ts";

/** Each once, in order. */
const distinct = (texts: readonly string[]): string => [...new Set(texts)].join("; ");

const range = (values: readonly number[]): string => {
  const [least, most] = [Math.min(...values).toFixed(0), Math.max(...values).toFixed(0)];
  return least === most ? least : `${least}-${most}`;
};

/** The page of results: when, where and how, then the table. No path outside the checkout is in it. */
export function page(records: readonly BackboneRecord[], words: readonly string[]): string {
  const options = words.map((word) => (isAbsolute(word) ? basename(word) : word)).join(" ");
  const matmul = records.map(({ pairs }) => matmulOf(pairs));
  const of = (text: (record: BackboneRecord) => string): string => distinct(records.map(text));
  const threads = of(({ settings }) => String(settings.threads));
  return `# Backbones: erfit and OpenERF

- Date: ${of(({ date }) => date)}
- Command: \`npm run bench${options === "" ? "" : ` -- ${options}`}\`
- Machine: ${of(({ conditions }) => conditions.machine)}; the peers held to ${threads} cores, ${threads} threads each
- ONNX Runtime's MatMul here: ${range(matmul.map(({ oneThread }) => oneThread))} GFLOP/s with one thread, ${range(matmul.map((rate) => rate.threads))} with ${threads}
- erfit: ${of(({ conditions }) => conditions.erfit)}
- Versions: ${of(({ conditions }) => conditions.versions)}
- Photographs: ${firstImages}, then ${range(records.map(({ settings }) => settings.images))} more, of \`${of(({ settings }) => basename(settings.photographs))}\` in turn
- Medians of ${of(({ settings }) => String(settings.pairs))} pairs; a ratio is the median of the pairs' ratios, with the least and the most. [How](../README.md)

${table(records)}
`;
}

/** As the formatter of this repository leaves it. */
export async function writePage(path: string, text: string): Promise<void> {
  await writeFile(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
}
