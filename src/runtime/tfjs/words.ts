import { messageOf } from "../../core/error.ts";

/** TF.js's own words: one line, without its advice to file an issue. */
export const words = (thrown: unknown): string =>
  (messageOf(thrown).split("\n")[0] ?? "").replace(/\.? (File an issue|This may be due to) .*$/, "");
