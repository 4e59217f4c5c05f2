import { basename } from "node:path";
import { erfitVersion } from "../io/version.ts";
import type { Calibration } from "./schema.ts";

/** The command's own words; a program that uses the library has others, which say nothing of erfit. */
const commandLine = ([, script = "", ...words]: readonly string[]): string =>
  /^erfit(\.js)?$/.test(basename(script)) ? ["erfit", ...words].join(" ") : "erfit as a library";

/** What made a result: versions, platform, time, and the command's own words (paths as the user gave them). */
export const provenance = (engine: string): Calibration["provenance"] => ({
  erfit: erfitVersion,
  engine,
  node: process.versions.node,
  platform: `${process.platform}-${process.arch}`,
  date: new Date().toISOString(),
  command: commandLine(process.argv),
});
