/** Vertical bars end a cell. */
const cell = (text: string): string => text.replaceAll("|", "\\|");

/** The first row is the heading; all columns but the first are numbers. */
export const markdownTable = ([head = [], ...body]: readonly (readonly string[])[]): string =>
  [head, head.map((_, k) => (k === 0 ? "---" : "---:")), ...body]
    .map((row) => `| ${row.map(cell).join(" | ")} |`)
    .join("\n");
