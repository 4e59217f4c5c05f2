import { open, readFile, truncate, type FileHandle } from "node:fs/promises";
import { z } from "zod";
import { ErfitError, messageOf, optionText } from "../core/error.ts";
import { codeOf, unwritable } from "./files.ts";
import { erfitVersion } from "./version.ts";

/**
 * Records that are appended one by one: JSON, line by line, the settings first. A line counts once its end is written, so
 * the last line of a killed run is dropped.
 */
export interface Journal<T> {
  /** Records of an earlier run by their keys, the last one where a key comes twice. */
  readonly records: ReadonlyMap<string, T>;
  /** The file is made with the first record. */
  readonly append: (key: string, record: T) => Promise<void>;
  readonly close: () => Promise<void>;
}

export type Settings = Readonly<Record<string, unknown>>;

const header = z.object({
  journal: z.literal(1),
  erfit: z.string(),
  settings: z.record(z.string(), z.unknown()),
});

/** What an earlier run left: its records, and the bytes of the file that are whole lines. */
interface Earlier<T> {
  readonly records: ReadonlyMap<string, T>;
  readonly bytes: number;
}

/**
 * @param settings all that the records depend on: a run is resumed only with the same
 * @param restart whether to start over, whatever is there
 * @throws ErfitError where the journal is of other settings or another version of erfit, or cannot be read or written
 */
export async function openJournal<T>(
  path: string,
  settings: Settings,
  record: z.ZodType<T>,
  restart: boolean,
): Promise<Journal<T>> {
  const earlier = restart ? null : earlierIn(await textOf(path), path, settings, record);
  let file: Promise<FileHandle> | undefined;
  let written: Promise<unknown> = Promise.resolve();
  const start = async (): Promise<FileHandle> => {
    if (earlier !== null) {
      await truncate(path, earlier.bytes);
      return open(path, "a");
    }
    const fresh = await open(path, "w");
    try {
      await fresh.appendFile(line({ journal: 1, erfit: erfitVersion, settings }));
    } catch (thrown) {
      await fresh.close();
      throw thrown;
    }
    return fresh;
  };
  return {
    records: earlier?.records ?? new Map<string, T>(),
    append(key, value) {
      const text = line({ key, entry: value });
      file ??= start();
      const handle = file;
      const appending = written
        .then(async () => (await handle).appendFile(text))
        .catch((thrown: unknown) => {
          throw unwritable(path, thrown);
        });
      written = appending;
      return appending;
    },
    async close() {
      await written.catch(() => undefined); // its caller has the error
      await (await file?.catch(() => undefined))?.close();
      file = undefined;
    },
  };
}

const line = (content: unknown): string => `${JSON.stringify(content)}\n`;

/** The whole journal; empty where there is none. */
const textOf = (path: string): Promise<string> =>
  readFile(path, "utf8").catch((thrown: unknown) => {
    if (codeOf(thrown) === "ENOENT") return "";
    throw notResumable(`${path}: the journal of an earlier run cannot be read: ${messageOf(thrown)}`, thrown);
  });

/** What a journal holds; null where not even its first line is whole. */
function earlierIn<T>(
  text: string,
  path: string,
  settings: Settings,
  record: z.ZodType<T>,
): Earlier<T> | null {
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const [first, ...others] = whole.split("\n").slice(0, -1);
  if (first === undefined) return null;
  const { erfit, settings: there } = parsedLine(header, first, path, 1);
  refuseOtherRun(path, [
    ...differences({ "erfit's version": erfit }, { "erfit's version": erfitVersion }),
    ...differences(there, settings),
  ]);
  const item = z.object({ key: z.string(), entry: record });
  const records = new Map<string, T>();
  for (const [index, text] of others.entries()) {
    const { key, entry } = parsedLine(item, text, path, index + 2);
    records.set(key, entry);
  }
  return { records, bytes: Buffer.byteLength(whole) };
}

function parsedLine<T>(schema: z.ZodType<T>, text: string, path: string, number: number): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (thrown) {
    throw notResumable(`${path}, line ${number}: not what erfit wrote there`, thrown);
  }
}

/** An error about what an earlier run left. */
export const notResumable = (message: string, cause?: unknown): ErfitError =>
  new ErfitError(message, {
    remedy: `choose another folder with ${optionText("out")}, or start over with ${optionText("restart")}`,
    cause,
  });

/** @throws ErfitError that names every setting in which two runs differ */
export function refuseOtherRun(path: string, differences: readonly string[]): void {
  if (differences.length > 0)
    throw notResumable(`${path} was left by another run: ${differences.join("; ")}`);
}

/** The settings in which two runs differ: `crops: 8 there, 1 here`. */
const differences = (there: Settings, here: Settings): readonly string[] =>
  [...new Set([...Object.keys(there), ...Object.keys(here)])]
    .filter((name) => canonical(there[name]) !== canonical(here[name]))
    .map((name) => `${name}: ${shown(there[name])} there, ${shown(here[name])} here`);

/** JSON with its keys sorted: equal texts, equal settings. */
function canonical(value: unknown): string {
  if (value === undefined) return "nothing";
  try {
    return JSON.stringify(value, (_, part: unknown) => (isRecord(part) ? sorted(part) : part));
  } catch {
    return "nested too deeply to be a setting";
  }
}

const isRecord = (part: unknown): part is Settings =>
  typeof part === "object" && part !== null && !Array.isArray(part);

const sorted = (record: Settings): Settings =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

const longestShown = 60;

const shown = (value: unknown): string => {
  const text = typeof value === "string" ? value : canonical(value);
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
};
