import { stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename } from "node:path";

/** A file on its way to its name; the process and its machine are in it, for folders are shared. */
const host = hostname().replace(/[^\w-]/g, "_");
export const temporaryFor = (path: string): string => `${path}.${host}.${process.pid}.erfit-tmp`;

/** No file takes so long to write. */
const longestMs = 3_600_000;

/** Whether this is a temporary file that nobody will finish. */
export async function isStale(path: string): Promise<boolean> {
  const [, machine, pid] = /\.([\w-]+)\.(\d+)\.erfit-tmp$/.exec(basename(path)) ?? [];
  if (machine === undefined || pid === undefined) return false;
  if (machine === host && !isRunning(Number(pid))) return true;
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > longestMs;
}

function isRunning(pid: number): boolean {
  if (pid === process.pid) return false; // a temporary of this process has not been begun: its number came round again
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return thrown instanceof Error && "code" in thrown && thrown.code === "EPERM";
  }
}
