import { readFileSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

/** Whether a process with this number runs on this machine; one of another user counts. */
export function isAlive(pid: number): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return thrown instanceof Error && "code" in thrown && thrown.code === "EPERM";
  }
}

/**
 * Clock ticks from the start of the system to that of a process (proc(5), field 22), for numbers of processes are used
 * again; null where there is no such file.
 */
export function startOf(pid: number): string | null {
  try {
    const [, fields = ""] = /^.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, "latin1")) ?? [];
    return fields.split(" ")[19] ?? null;
  } catch {
    return null;
  }
}

/** Names of temporary files and folders tell who made them: the process, and its machine, for folders are shared. */
const host = hostname().replace(/[^\w-]/g, "_");

/** The name of something on its way to `path`. */
export const temporaryFor = (path: string): string => `${path}.${host}.${process.pid}.erfit-tmp`;

const temporaryName = /^(.*)\.([\w-]+)\.(\d+)\.erfit-tmp/s;

/** None is needed for so long. */
const longestMs = 3_600_000;

/**
 * Removes from a folder the temporary files that killed processes left there.
 * @param owned whether the caller alone may write the file of this name: then what is on its way there is removed, whoever
 *   made it
 */
export async function sweep(folder: string, owned: (name: string) => boolean = () => false): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [, target, machine, pid] = temporaryName.exec(name) ?? [];
    if (target === undefined || machine === undefined || pid === undefined) continue;
    const path = join(folder, name);
    if (owned(target) || (await isStale(path, machine, Number(pid))))
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function isStale(path: string, machine: string, pid: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return false;
  const age = Date.now() - found.mtimeMs;
  if (age > longestMs) return true;
  if (machine !== host) return false;
  // Numbers of processes are used again: this process made nothing before it started.
  return pid === process.pid ? age >= 1000 * process.uptime() : !isAlive(pid);
}
