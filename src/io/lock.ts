import { readFileSync } from "node:fs";
import { link, open, readFile, rename, rm, type FileHandle } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as after } from "node:timers/promises";
import { z } from "zod";
import { temporaryFor } from "./temporary.ts";
import { ErfitError } from "../core/error.ts";
import { unwritable } from "./files.ts";

/**
 * One run at a time goes on from a state or a journal: two would each overwrite what the other keeps. The lock is a file
 * beside it, which says who holds it. A killed run leaves its lock, and nobody should have to remove it by hand. On its own
 * machine the process is looked for; another machine's shows that it lives by rewriting the file, which is watched for some
 * time, so that no two clocks are compared.
 */
const holderSchema = z.object({
  host: z.string(),
  pid: z.int(),
  /** When it started, in the kernel's count, for numbers of processes come round again; null where that is not told. */
  started: z.string().nullable(),
  beat: z.int(),
});
type Holder = z.infer<typeof holderSchema>;

/** Milliseconds. */
interface Pace {
  readonly beat: number;
  /** A lock that stays as it is for so long is nobody's. */
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
  const lock = `${path}.lock`;
  const release = await acquire(lock, note, pace);
  try {
    return await work();
  } finally {
    await release();
  }
}

/** More than two that want it at the same moment can make it go round. */
const mostAttempts = 10;

async function acquire(lock: string, note: (text: string) => void, pace: Pace): Promise<() => Promise<void>> {
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

/** Rewrites the file from time to time; @returns what lets it go */
async function held(file: FileHandle, lock: string, { beat }: Pace): Promise<() => Promise<void>> {
  const own = { host: hostname(), pid: process.pid, started: startOf(process.pid) };
  let beats = 0;
  const write = async (): Promise<void> => {
    await file.write(`${JSON.stringify({ ...own, beat: beats++ } satisfies Holder)}\n`, 0);
  };
  const letGo = async (): Promise<void> => {
    await file.close();
    await rm(lock, { force: true }).catch(() => undefined);
  };
  try {
    await write();
  } catch (thrown) {
    await letGo();
    throw unwritable(lock, thrown);
  }
  let writing: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    writing = write().catch(() => undefined); // a full disk is the run's own affair
  }, beat).unref();
  return async () => {
    clearInterval(timer);
    await writing;
    await letGo();
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

/** Of several that find a stale lock one may rename it; who has caught a fresh one instead puts it back. */
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
    return null; // it is being written, or its machine went down while it was
  }
}

function isRunning({ pid, started }: Holder): boolean {
  if (started !== startOf(pid)) return false;
  if (pid === process.pid) return started !== null;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return thrown instanceof Error && "code" in thrown && thrown.code === "EPERM";
  }
}

/** Clock ticks from the start of the system to that of a process (proc(5), field 22); null where there is no such file. */
function startOf(pid: number): string | null {
  try {
    const [, fields = ""] = /^.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, "latin1")) ?? [];
    return fields.split(" ")[19] ?? null;
  } catch {
    return null;
  }
}

const refusal = (lock: string, holder: Holder | null): ErfitError =>
  new ErfitError(
    `${lock}: another run is at work here${holder === null ? "" : `: process ${holder.pid} on ${holder.host}`}`,
    { remedy: "wait until it has ended, or choose another folder with --out" },
  );
