export type Field = string | number | null;

/** Lines as RFC 4180 has them: a field with a comma, a quotation mark or a line's end is quoted. */
export const csv = (lines: readonly (readonly Field[])[]): string =>
  lines.map((fields) => `${fields.map(quoted).join(",")}\n`).join("");

function quoted(field: Field): string {
  const text = field === null ? "" : String(field);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
