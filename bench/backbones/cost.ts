import { z } from "zod";
import { run } from "../python/run.ts";
import { peers, type PeerName, type Task } from "./peers.ts";

/** What one process took, from the command to its end. */
export const cost = z.object({
  seconds: z.number(),
  /** Of all its threads. */
  cpuSeconds: z.number(),
  /** Memory at its peak; pages that are mapped twice count once. */
  peakMiB: z.number(),
  /** Largest resident memory, in which they count twice. */
  residentMiB: z.number(),
});

export type Cost = z.infer<typeof cost>;

/** Runs one peer's command to its end, on as many cores as the task has threads. */
export async function costOf(peer: PeerName, task: Task, python: string): Promise<Cost> {
  const command = peers[peer].command(task, python);
  const account = await run(python, ["-I", "bench/backbones/cost.py", String(task.threads), ...command], {
    purpose: `${peer} on ${task.backbone.name}`,
  });
  return cost.parse(JSON.parse(account));
}
