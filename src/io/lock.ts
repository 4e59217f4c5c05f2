import { link, open, readFile, rename, rm, type FileHandle } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as after } from "node:timers/promises";
import { z } from "zod";
import { ErfitError, optionText } from "../core/error.ts";
import { unwritable } from "./files.ts";
import { isAlive, startOf, temporaryFor } from "./temporary.ts";

/**
 * One run at a time uses a store: two would overwrite each other's files. The lock is a file beside it that names its
 * holder. A killed run leaves its lock, and nobody should have to remove it by hand. On the same machine the process is
 * looked up; a process of another machine shows that it is alive by rewriting the file, which is watched for some time, so
 * that no two clocks are compared.
 */
const holderSchema = z.object({
  host: z.string(),
  pid: z.int(),
  /** When it started, as `startOf` tells it. */
  started: z.string().nullable(),
  beat: z.int(),
});
type Holder = z.infer<typeof holderSchema>;

/** Milliseconds. */
interface Pace {
  readonly beat: number;
  /** A lock that does not change for so long is abandoned. */
  readonly patience: number;
}

const usualPace: Pace = { beat: 5000, patience: 30_000 };

/** Does the work while this process alone holds the lock of `path`. @throws ErfitError where another holds it */
export async function whileLocked<T>(
  path: string,
  note: (text: string) => void,
  work: () => Promise<T>,
  pace = usualPace,
): Promise<T> {
  const release = await locked(path, note, pace);
  try {
    return await work();
  } finally {
    await release();
  }
}

/** Several processes that want it at the same moment may each find the other's. */
const mostAttempts = 10;

/** Takes the lock of `path`; @returns what releases it. @throws ErfitError where another process holds it */
export async function locked(
  path: string,
  note: (text: string) => void,
  pace = usualPace,
): Promise<() => Promise<void>> {
  const lock = `${path}.lock`;
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const file = await open(lock, "wx").catch((thrown: unknown) => {
      if (thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST") return null;
      throw unwritable(lock, thrown);
    });
    if (file !== null) return held(file, lock, pace);
    await removeStale(lock, note, pace);
  }
  throw refusal(lock, null);
}

/** Rewrites the file from time to time; @returns what releases it */
async function held(file: FileHandle, lock: string, { beat }: Pace): Promise<() => Promise<void>> {
  const own = { host: hostname(), pid: process.pid, started: startOf(process.pid) };
  let beats = 0;
  const write = async (): Promise<void> => {
    await file.write(`${JSON.stringify({ ...own, beat: beats++ } satisfies Holder)}\n`, 0);
  };
  const release = async (): Promise<void> => {
    await file.close();
    await rm(lock, { force: true }).catch(() => undefined);
  };
  try {
    await write();
  } catch (thrown) {
    await release();
    throw unwritable(lock, thrown);
  }
  let writing: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    writing = write().catch(() => undefined); // where the disk is full, the run itself fails
  }, beat).unref();
  return async () => {
    clearInterval(timer);
    await writing;
    await release();
  };
}

async function removeStale(lock: string, note: (text: string) => void, { patience }: Pace): Promise<void> {
  const found = await textOf(lock);
  if (found === null) return;
  const holder = holderIn(found);
  if (holder?.host === hostname()) {
    if (isRunning(holder)) throw refusal(lock, holder);
  } else {
    note(`${lock} is of another machine's run: waits ${patience / 1000} s for a sign of life`);
    for (let waited = 0; waited < patience; waited += patience / 10) {
      await after(patience / 10);
      const now = await textOf(lock);
      if (now === null) return;
      if (now !== found) throw refusal(lock, holderIn(now));
    }
  }
  await take(lock, found);
}

/** Of several processes that find a stale lock one can rename it; one that caught a fresh lock instead puts it back. */
async function take(lock: string, stale: string): Promise<void> {
  const away = temporaryFor(lock);
  await rename(lock, away).catch(() => undefined);
  const taken = await textOf(away);
  if (taken !== null && taken !== stale) await link(away, lock).catch(() => undefined);
  await rm(away, { force: true }).catch(() => undefined);
}

const textOf = (path: string): Promise<string | null> => readFile(path, "utf8").catch(() => null);

function holderIn(text: string): Holder | null {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return null; // it is being written, or its machine failed meanwhile
  }
}

/** Where the system does not tell when a process started, this process's own number may be an earlier one's. */
const isRunning = ({ pid, started }: Holder): boolean =>
  started === startOf(pid) && (pid !== process.pid || started !== null) && isAlive(pid);

const refusal = (lock: string, holder: Holder | null): ErfitError =>
  new ErfitError(
    `${lock}: another run is at work here${holder === null ? "" : `: process ${holder.pid} on ${holder.host}`}`,
    { remedy: `wait until it has ended, or choose another folder with ${optionText("out")}` },
  );
