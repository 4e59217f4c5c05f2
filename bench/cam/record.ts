import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { conditions } from "../backbones/conditions.ts";
import { round } from "./round.ts";

/** What was asked for. */
const settings = z.object({
  rounds: z.number(),
  /** Photographs after the first eight. */
  images: z.number(),
  photographs: z.string(),
  threads: z.number(),
});

/** Everything that was measured of one model. */
const record = z.object({
  name: z.string(),
  date: z.string(),
  settings,
  conditions,
  /** Correlation of erfit's maps with pytorch-grad-cam's, in the median. */
  agreement: z.number(),
  rounds: z.array(round),
});

export type CamRecord = z.infer<typeof record>;

/** The record in a file, if there is one of the same settings under the same conditions. */
export async function readRecord(
  path: string,
  wanted: Pick<CamRecord, "settings" | "conditions">,
): Promise<CamRecord | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const found = record.parse(JSON.parse(text));
  const same = ({ settings, conditions }: typeof wanted) => ({ settings, conditions });
  return isDeepStrictEqual(same(found), same(wanted)) ? found : undefined;
}

export async function writeRecord(path: string, found: CamRecord): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(found, null, 2)}\n`);
}
