import { readFile } from "node:fs/promises";
import { sampleCorrelation } from "simple-statistics";
import { ErfitError } from "../../src/core/error.ts";
import { readMap } from "../../src/core/npy.ts";
import { peers, type Task } from "./peers.ts";

/** Decoders and float32 decisions (a ReLU, an arg-max) differ a little; another layer, cell or weight differs a lot. */
const sameThing = 0.999;

/**
 * Correlation of the two maps that the peers have written.
 * @throws ErfitError where they did not measure the same thing: their times would mean nothing
 */
export async function agreement(task: Task): Promise<number> {
  const pixels = async (path: string) => Array.from(readMap(await readFile(path), path).data);
  const correlation = sampleCorrelation(
    await pixels(peers.erfit.map(task)),
    await pixels(peers.openerf.map(task)),
  );
  if (!(correlation >= sameThing)) {
    throw new ErfitError(
      `${task.backbone.name}: the maps of erfit and OpenERF correlate by ${correlation}; expected ${sameThing} or more`,
      { kind: "failure" },
    );
  }
  return correlation;
}
