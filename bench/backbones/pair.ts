import { z } from "zod";
import { cost, costOf } from "./cost.ts";
import { matmulRate } from "./matmul-rate.ts";
import type { PeerName, Task } from "./peers.ts";

/** Photographs of the short run. */
export const firstImages = 8;

/** One peer's two runs: of the first eight photographs, and of all. */
const runs = z.object({ first: cost, all: cost });

export type Runs = z.infer<typeof runs>;

/** Both peers, one straight after the other, and what the machine could do at that time, in GFLOP/s. */
export const pair = z.object({
  erfit: runs,
  openerf: runs,
  matmul: z.object({ oneThread: z.number(), threads: z.number() }),
});

export type Pair = z.infer<typeof pair>;

const runsOf = async (peer: PeerName, task: Task, python: string): Promise<Runs> => ({
  first: await costOf(peer, { ...task, images: firstImages }, python),
  all: await costOf(peer, task, python),
});

/** Measures one pair; the peers take turns in going first, so that a machine that slows down favors neither. */
export async function measurePair(turn: number, task: Task, python: string): Promise<Pair> {
  const matmul = { oneThread: await matmulRate(1), threads: await matmulRate(task.threads) };
  if (turn % 2 === 0) {
    const erfit = await runsOf("erfit", task, python);
    return { erfit, openerf: await runsOf("openerf", task, python), matmul };
  }
  const openerf = await runsOf("openerf", task, python);
  return { erfit: await runsOf("erfit", task, python), openerf, matmul };
}
