export { short } from "../report/text.ts";

/** Columns of text, aligned; the first row is the heading. */
export function table(rows: readonly (readonly string[])[], alignRight: readonly number[] = []): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows
    .map((row) =>
      row
        .map((text, column) => {
          const width = widths[column] ?? 0;
          return alignRight.includes(column) ? text.padStart(width) : text.padEnd(width);
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** `1 photograph`, `2 photographs`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** `7 photographs`, `56 views of 7 photographs`. */
export const viewsOfPhotographs = (views: number, photographs: number): string =>
  views === photographs
    ? counted(photographs, "photograph")
    : `${counted(views, "view")} of ${counted(photographs, "photograph")}`;

/** Digits that an uncertainty leaves meaningful: two of the uncertainty's own. */
export function decimalsFor(uncertainty: number): number {
  if (!(uncertainty > 0)) return 4;
  return Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(uncertainty))));
}

/** Columns of a terminal that texts are made for. */
const columns = 100;

/** Words in lines that fit a terminal, all but the first indented. No line ends at a no-break space, which is then a plain one. */
export function prose(text: string, indent = ""): string {
  const lines = text.split(" ").reduce<string[]>((done, word) => {
    const last = done.at(-1);
    return last !== undefined && last.length + 1 + word.length <= columns
      ? [...done.slice(0, -1), `${last} ${word}`]
      : [...done, last === undefined ? word : indent + word];
  }, []);
  return lines.join("\n").replaceAll("\u00a0", " ");
}
