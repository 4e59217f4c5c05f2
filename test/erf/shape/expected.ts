import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { readMap } from "../../../src/core/npy.ts";
import type { RealMap } from "../../../src/core/tensor.ts";
import { readJson } from "../../reference.ts";

const pair = z.tuple([z.number(), z.number()]);
const areas = z.array(pair.nullable());
const statistics = z.object({
  openerf: z.object({
    center_yx: pair,
    com_x: z.number(),
    com_y: z.number(),
    radial_cumulative_mass: z.record(z.string(), z.number()),
  }),
  covariance: z.tuple([pair, pair]),
  contributionAreas: areas,
  logContributionAreas: areas,
  radii: z.array(z.number()),
  fullWidth: z.object({ x: pair.nullable(), y: pair.nullable() }),
  /** Null where the center has less than 4.55 % of the highest value. */
  pixelsAboveCenter: z.int().nullable(),
});
export type Expected = z.infer<typeof statistics>;

const path = (file: string): string => fileURLToPath(new URL(`maps/${file}`, import.meta.url));

/** What OpenERF, SciPy and NumPy say of each map; see maps/README.md. */
export const expected: Readonly<Record<string, Expected>> = z
  .record(z.string(), statistics)
  .parse(readJson(path("expected.json")));

/** The maps that ship; the others are the reference fits'. */
export const ownMaps: readonly string[] = ["tailed", "noisy"];

export const ownMap = (name: string): RealMap => readMap(readFileSync(path(`${name}.npy`)), name);
