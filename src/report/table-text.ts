import { visibleLines } from "../core/error.ts";

export type Field = string | number | null;

/** Lines as RFC 4180 has them: a field with a comma, a quotation mark or a line's end is quoted. */
export const csv = (lines: readonly (readonly Field[])[]): string =>
  lines.map((fields) => `${fields.map(quoted).join(",")}\n`).join("");

function quoted(field: Field): string {
  const text = field === null ? "" : String(field);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Vertical bars end a cell. */
const cell = (text: string): string => text.replaceAll("|", "\\|");

/** The first row is the heading; all columns but the first are numbers. */
export const markdownTable = ([head = [], ...body]: readonly (readonly string[])[]): string =>
  [head, head.map((_, k) => (k === 0 ? "---" : "---:")), ...body]
    .map((row) => `| ${row.map(cell).join(" | ")} |`)
    .join("\n");

/** A document whose names begin no element (CommonMark, 6.6) and drive no terminal: those of models and files are anyone's. */
export const markdownDocument = (parts: readonly string[]): string =>
  `${visibleLines(parts.join("\n\n")).replaceAll(/<(?=[a-z/!?])/gi, "&lt;")}\n`;
