import { requirePaths } from "./call.ts";
import { reportOf } from "../tasks/report.ts";

/** A page of results. */
export interface Report {
  readonly title: string;
  /** The whole page: style, script, maps and photographs stand in it. */
  readonly html: string;
}

/**
 * One HTML page of what `erfit calibrate` and `erfit cam` wrote, to look at and to play with; it loads nothing.
 *
 * @param folders of the results, in one folder or in two
 * @throws ErfitError where a folder holds no results, or results that are damaged
 * @example
 * ```ts
 * import { report } from "erfit";
 *
 * await report("outputs/none").catch(({ message }: Error) => console.log(message)); // outputs/none: neither …
 * ```
 */
export async function report(folders: string | readonly string[]): Promise<Report> {
  const { title, html } = await reportOf(requirePaths("report", "folders", folders));
  return { title, html };
}
