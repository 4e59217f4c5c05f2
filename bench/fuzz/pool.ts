import { fork, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Outcome } from "./child.ts";

/** What became of an input, the ends of a process among it. */
export type Result = Omit<Outcome, "kind"> & { readonly kind: Outcome["kind"] | "crash" | "hang" | "memory" };

interface PoolOptions {
  /** The script, and the arguments that make it a child. */
  readonly script: string;
  readonly childArguments: readonly string[];
  readonly processes: number;
  /** A process that computes for so long on one input is ended; processor time, for the machine may be shared. Milliseconds. */
  readonly patience: number;
  /** And so is one that is silent for so long. Milliseconds. */
  readonly silence: number;
  /** A process that holds more is ended at once, bytes. */
  readonly mostMemory: number;
}

const residentOf = (pid: number): number => {
  try {
    return 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
};

/** Processor time of a process, milliseconds (proc(5): fields 14 and 15 of `stat`, of a hundredth of a second). */
const computedBy = (pid: number): number => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return 10 * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return 0;
  }
};

/** Opens inputs in processes of their own: one that crashes, hangs or takes too much is noted and replaced. */
export async function* results(indices: Iterator<number>, options: PoolOptions): AsyncGenerator<Result> {
  const { script, childArguments, processes, patience, silence, mostMemory } = options;
  const done: Result[] = [];
  let wake = (): void => undefined;
  let running = 0;
  const tried = new Set<number>();
  const again: number[] = [];
  const following = (): number | undefined => {
    const next = indices.next();
    return next.done === true ? again.shift() : next.value;
  };

  function start(): void {
    const first = following();
    if (first === undefined) return;
    running++;
    let index = first;
    let [since, computed] = [performance.now(), 0];
    let verdict: "crash" | "hang" | "memory" = "crash";
    let finished = false;
    let idle = false;
    let ready = false;
    let before = 0;
    const child: ChildProcess = fork(script, [...childArguments], {
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      execArgv: ["--enable-source-maps"],
    });
    const finish = (result: Result): void => {
      done.push(result);
      wake();
    };
    const give = (): void => {
      since = performance.now();
      computed = computedBy(child.pid ?? 0);
      before = residentOf(child.pid ?? 0);
      child.send(index);
    };
    const watch = setInterval(() => {
      if (!ready) return;
      const taken = computedBy(child.pid ?? 0) - computed;
      const tooLong = taken > patience;
      idle = taken < patience / 10;
      if (tooLong || performance.now() - since > silence) verdict = "hang";
      else if (residentOf(child.pid ?? 0) - before > mostMemory) verdict = "memory";
      else return;
      child.kill("SIGKILL");
    }, 50);
    child.on("message", (message: Outcome | "ready") => {
      if (message === "ready") {
        ready = true;
        give();
        return;
      }
      finish(message);
      const next = following();
      if (next === undefined) {
        finished = true;
        child.kill();
      } else {
        index = next;
        give();
      }
    });
    child.on("exit", (code, signal) => {
      clearInterval(watch);
      running--;
      // A machine that stood still is no hang of the process: what did not compute is tried again, once.
      if (!finished && verdict === "hang" && idle && !tried.has(index)) {
        tried.add(index);
        again.push(index);
        start();
      } else if (!finished) {
        const memory = residentOf(child.pid ?? 0);
        finish({
          index,
          kind: verdict,
          words: `exit code ${code ?? "none"}, signal ${signal ?? "none"}`,
          milliseconds: performance.now() - since,
          memory,
        });
        start();
      }
      wake();
    });
  }

  for (let process = 0; process < processes; process++) start();
  while (running > 0 || done.length > 0) {
    const result = done.shift();
    if (result !== undefined) yield result;
    else await new Promise<void>((resolve) => (wake = resolve));
  }
}
