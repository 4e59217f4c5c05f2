import { readFile } from "node:fs/promises";
import { z } from "zod";
import { ErfitError } from "../../core/error.ts";
import { pageRecordSchema, type PageRecord } from "./record.ts";

/** Where the record stands in the built page. */
export const recordMark = "RECORD";

/**
 * The report as one HTML file that asks for nothing: style, script and record stand in it.
 * @param built the page as `npm run build` makes it, with a mark where the record goes
 * @throws {ErfitError} where the record is not one, or the page has no mark
 */
export function reportPage(built: string, record: PageRecord): string {
  const checked = pageRecordSchema.safeParse(record);
  if (!checked.success)
    throw new ErfitError(`report: ${z.prettifyError(checked.error).split("\n").join(" ")}`, {
      kind: "failure",
    });
  const [before, after, ...more] = built.split(recordMark);
  if (before === undefined || after === undefined || more.length > 0)
    throw new ErfitError(`report: the built page has ${more.length} marks for its record; expected one`, {
      kind: "failure",
    });
  return before + jsonInHtml(checked.data) + after;
}

/** No name can end the script element or begin a comment: without `<` there is no markup (HTML Standard, 4.12.1.3). */
const jsonInHtml = (record: unknown): string => JSON.stringify(record).replaceAll("<", "\\u003c");

const builtPage = new URL("report.html", import.meta.url);

/** @throws {ErfitError} where erfit runs without having been built */
export const readBuiltPage = (): Promise<string> =>
  readFile(builtPage, "utf8").catch((thrown: unknown) => {
    throw new ErfitError("report: the page has not been built", {
      kind: "failure",
      remedy: "run `npm run build` in the checkout",
      cause: thrown,
    });
  });
