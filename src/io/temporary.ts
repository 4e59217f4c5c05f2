import { readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, join } from "node:path";

/** Names of temporary files and folders tell who made them: the process, and its machine, for folders are shared. */
const host = hostname().replace(/[^\w-]/g, "_");

/** The name of something on its way to `path`. */
export const temporaryFor = (path: string): string => `${path}.${host}.${process.pid}.erfit-tmp`;

/** None is needed for so long. */
const longestMs = 3_600_000;

/** Removes from a folder what processes that are no more left there. */
export async function sweep(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const path of names.map((name) => join(folder, name)))
    if (await isStale(path)) await rm(path, { recursive: true, force: true }).catch(() => undefined);
}

async function isStale(path: string): Promise<boolean> {
  const [, machine, pid] = /\.([\w-]+)\.(\d+)\.erfit-tmp/.exec(basename(path)) ?? [];
  if (machine === undefined || pid === undefined) return false;
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return false;
  const age = Date.now() - found.mtimeMs;
  return age > longestMs || (machine === host && !isRunning(Number(pid), age));
}

/** Whether the process with this number made something so many milliseconds ago. Numbers come round again. */
function isRunning(pid: number, age: number): boolean {
  if (pid === process.pid) return age < 1000 * process.uptime();
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return thrown instanceof Error && "code" in thrown && thrown.code === "EPERM";
  }
}
