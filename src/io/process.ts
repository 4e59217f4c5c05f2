import { readFileSync } from "node:fs";

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
