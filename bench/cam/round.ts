import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { cost, type Cost } from "../backbones/cost.ts";
import { run } from "../python/run.ts";
import { peers, type PeerName, type Task } from "./peers.ts";

/** Photographs of the short run. */
export const firstImages = 8;

const runs = z.object({ first: cost, all: cost });

/** One peer's two runs: of the first eight photographs, and of all. */
export type Runs = z.infer<typeof runs>;

/** All peers, one straight after the other. */
export const round = z.object({ erfit: runs, plain: runs, best: runs });

export type Round = z.infer<typeof round>;

/** What all runs of one model share. */
export interface Course extends Pick<Task, "model" | "layer" | "threads"> {
  readonly python: string;
  readonly photographs: { readonly first: string; readonly all: string };
  /** Folder for the maps. */
  readonly out: string;
}

export const outOf = (peer: PeerName, { out, model }: Course): string => join(out, model.name, peer);

/** Runs one peer's command to its end, in an empty folder and on as many cores as it has threads. */
export async function costOf(peer: PeerName, length: "first" | "all", course: Course): Promise<Cost> {
  const { model, layer, threads, photographs, python } = course;
  const out = outOf(peer, course);
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const command = peers[peer].command(
    { model, layer, threads, out, photographs: photographs[length] },
    python,
  );
  const account = await run(python, ["-I", "bench/backbones/cost.py", String(threads), ...command], {
    purpose: `${peers[peer].title} on ${model.name}`,
  });
  return cost.parse(JSON.parse(account));
}

const runsOf = async (peer: PeerName, course: Course): Promise<Runs> => ({
  first: await costOf(peer, "first", course),
  all: await costOf(peer, "all", course),
});

const names = ["erfit", "plain", "best"] as const satisfies readonly PeerName[];

/** Measures one round; the peers take turns in going first, so that a machine that slows down favors none. */
export async function measureRound(turn: number, course: Course): Promise<Round> {
  const found: Partial<Record<PeerName, Runs>> = {};
  const first = turn % names.length;
  for (const peer of [...names.slice(first), ...names.slice(0, first)])
    found[peer] = await runsOf(peer, course);
  return round.parse(found);
}
