import { open, readFile, rm, truncate, type FileHandle } from "node:fs/promises";
import { z } from "zod";
import { erfitVersion } from "../io/version.ts";
import { ErfitError, messageOf } from "../core/error.ts";
import { unwritable } from "./files.ts";

/**
 * What a run over many images has finished, kept beside its results, so that a killed run goes on where it stopped. JSON,
 * line by line: the settings first, then one entry an item. A line counts once its end is written.
 */
export interface Journal<T> {
  /** Entries of an earlier run by their keys, the last one where a key comes twice. */
  readonly done: ReadonlyMap<string, T>;
  /** Keeps an entry of what JSON can hold; the file is made with the first one. */
  add(key: string, entry: T): Promise<void>;
  close(): Promise<void>;
  /** Closes and deletes the journal: the run is complete. */
  finish(): Promise<void>;
}

type Settings = Readonly<Record<string, unknown>>;

const header = z.object({
  journal: z.literal(1),
  erfit: z.string(),
  settings: z.record(z.string(), z.unknown()),
});

/** What an earlier run left: its entries, and the bytes of the file that are whole lines. */
interface Kept<T> {
  readonly entries: ReadonlyMap<string, T>;
  readonly bytes: number;
}

/**
 * @param settings all that the entries depend on: a run goes on only with the same
 * @param restart begin anew, whatever is kept there
 * @throws ErfitError where the journal is of other settings or another version of erfit, or cannot be read or written
 */
export async function openJournal<T>(
  path: string,
  settings: Settings,
  entry: z.ZodType<T>,
  restart: boolean,
): Promise<Journal<T>> {
  const kept = restart ? null : readKept(await textOf(path), path, settings, entry);
  let file: Promise<FileHandle> | undefined;
  let written: Promise<unknown> = Promise.resolve();
  const begin = async (): Promise<FileHandle> => {
    if (kept !== null) {
      await truncate(path, kept.bytes);
      return open(path, "a");
    }
    const fresh = await open(path, "w");
    await fresh.appendFile(line({ journal: 1, erfit: erfitVersion, settings }));
    return fresh;
  };
  const close = async (): Promise<void> => {
    await written.catch(() => undefined); // who added it has been told
    await (await file?.catch(() => undefined))?.close();
    file = undefined;
  };
  return {
    done: kept?.entries ?? new Map<string, T>(),
    add(key, value) {
      const text = line({ key, entry: value });
      file ??= begin();
      const handle = file;
      const adding = written
        .then(async () => (await handle).appendFile(text))
        .catch((thrown: unknown) => {
          throw unwritable(path, thrown);
        });
      written = adding;
      return adding;
    },
    close,
    async finish() {
      await close();
      await rm(path, { force: true });
    },
  };
}

const line = (record: unknown): string => `${JSON.stringify(record)}\n`;

/** The whole journal; empty where there is none. */
const textOf = (path: string): Promise<string> =>
  readFile(path, "utf8").catch((thrown: unknown) => {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return "";
    throw new ErfitError(`${path}: the journal of an earlier run cannot be read: ${messageOf(thrown)}`, {
      remedy: anotherWay,
      cause: thrown,
    });
  });

const anotherWay = "choose another --out, or pass --restart to begin anew";

/** What a journal holds; null where not even its first line is whole. The rest after the last line's end is dropped. */
function readKept<T>(text: string, path: string, settings: Settings, entry: z.ZodType<T>): Kept<T> | null {
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const [first, ...others] = whole.split("\n").slice(0, -1);
  if (first === undefined) return null;
  const parsed = parsedLine(header, first, path, 1);
  if (parsed.erfit !== erfitVersion)
    throw new ErfitError(
      `${path} is of an unfinished run of erfit ${parsed.erfit}; this is ${erfitVersion}`,
      {
        remedy: anotherWay,
      },
    );
  refuseOthers(path, parsed.settings, settings);
  const item = z.object({ key: z.string(), entry });
  const entries = new Map<string, T>();
  for (const [at, text] of others.entries()) {
    const { key, entry } = parsedLine(item, text, path, at + 2);
    entries.set(key, entry);
  }
  return { entries, bytes: Buffer.byteLength(whole) };
}

function parsedLine<T>(schema: z.ZodType<T>, text: string, path: string, number: number): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (thrown) {
    throw new ErfitError(`${path}, line ${number}: not what erfit wrote there`, {
      remedy: anotherWay,
      cause: thrown,
    });
  }
}

/** @throws ErfitError that names every setting that differs */
function refuseOthers(path: string, there: Settings, here: Settings): void {
  const names = [...new Set([...Object.keys(there), ...Object.keys(here)])];
  const differing = names.filter((name) => canonical(there[name]) !== canonical(here[name]));
  if (differing.length === 0) return;
  const words = differing.map((name) => `${name} was ${shown(there[name])}, is ${shown(here[name])}`);
  throw new ErfitError(`${path} is of an unfinished run with other settings: ${words.join("; ")}`, {
    remedy: anotherWay,
  });
}

/** JSON whose keys are in order: equal texts, equal settings. */
function canonical(value: unknown): string {
  if (value === undefined) return "nothing";
  try {
    return JSON.stringify(value, (_, part: unknown) => (isRecord(part) ? inOrder(part) : part));
  } catch {
    return "nested too deeply to be a setting";
  }
}

const isRecord = (part: unknown): part is Settings =>
  typeof part === "object" && part !== null && !Array.isArray(part);

const inOrder = (record: Settings): Settings =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

const longestShown = 60;

const shown = (value: unknown): string => {
  const text = canonical(value);
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
};
