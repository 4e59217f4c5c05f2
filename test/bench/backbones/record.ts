import type { BackboneName } from "../../../bench/backbones/models.ts";
import { firstImages, type Pair, type Runs } from "../../../bench/backbones/pair.ts";
import type { BackboneRecord } from "../../../bench/backbones/record.ts";

/** Runs of a process that takes `start` seconds, then `ms` an image, with so much memory. */
const runsOf = (start: number, ms: number, peakMiB: number, images: number): Runs => {
  const of = (count: number) => {
    const seconds = start + (count * ms) / 1000;
    return { seconds, cpuSeconds: 2 * seconds, peakMiB, residentMiB: peakMiB };
  };
  return { first: of(firstImages), all: of(firstImages + images) };
};

/** A pair of processes that start alike and differ by their times an image. */
export const pairOf = (erfitMs: number, openerfMs: number, images = 40): Pair => ({
  erfit: runsOf(1, erfitMs, 300, images),
  openerf: runsOf(5, openerfMs, 1000, images),
  matmul: { oneThread: 100, threads: 200 },
});

export const recordOf = (name: BackboneName, pairs: readonly Pair[]): BackboneRecord => ({
  name,
  date: "2026-11-01",
  settings: { pairs: pairs.length, images: 40, photographs: "/somewhere/else/photos", threads: 2 },
  conditions: { machine: "2 cores", erfit: "commit 1234567", versions: "Node 20" },
  agreement: 0.99999,
  work: { whole: 8e9, cone: 6e9 },
  pairs: [...pairs],
});
