import { readdir, readFile } from "node:fs/promises";
import { join, parse } from "node:path";
import { median, sampleCorrelation } from "simple-statistics";
import { ErfitError } from "../../src/core/error.ts";
import { readMap } from "../../src/core/npy.ts";
import { peers, type PeerName } from "./peers.ts";
import { outOf, type Course } from "./round.ts";

/**
 * The networks' weights are random: on a photograph or two, decoders that differ by a gray level can change which class is
 * predicted, and that is another map. So the median photograph decides.
 */
const sameThing = 0.999;

/** Pixels of a photograph's map. */
async function pixels(peer: PeerName, stem: string, course: Course): Promise<number[]> {
  const path = join(outOf(peer, course), peers[peer].map(stem));
  return Array.from(readMap(await readFile(path), path).data);
}

/**
 * Median correlation of erfit's maps with the other's, over the first photographs.
 * @throws ErfitError where the two did not draw the same thing: their times would mean nothing
 */
export async function agreement(other: PeerName, course: Course): Promise<number> {
  const stems = (await readdir(course.photographs.first)).map((file) => parse(file).name);
  const correlations = await Promise.all(
    stems.map(async (stem) =>
      sampleCorrelation(await pixels("erfit", stem, course), await pixels(other, stem, course)),
    ),
  );
  const middle = median(correlations);
  if (middle >= sameThing) return middle;
  throw new ErfitError(
    `${course.model.name}: maps of erfit and ${peers[other].title} correlate by ${middle} in the median; expected ${sameThing} or more`,
    { kind: "failure" },
  );
}
