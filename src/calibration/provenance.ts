import { createRequire } from "node:module";
import type { Calibration } from "./schema.ts";

const manifest: unknown = createRequire(import.meta.url)("../../package.json");

/** This package's version. */
export const erfitVersion: string =
  typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "unknown";

/** What made a result: versions, platform, time, and the command's own words (paths as the user gave them). */
export const provenance = (engine: string): Calibration["provenance"] => ({
  erfit: erfitVersion,
  engine,
  node: process.versions.node,
  platform: `${process.platform}-${process.arch}`,
  date: new Date().toISOString(),
  command: ["erfit", ...process.argv.slice(2)].join(" "),
});
