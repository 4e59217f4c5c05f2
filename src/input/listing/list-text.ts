import { textOf } from "../../io/path-bytes.ts";

/** How often one of the two bytes of a unit is zero in text of Latin letters in UTF-16. */
const zeroShare = 0.4;

/** Which byte of the units of UTF-16 is mostly zero: the second in little-endian order. */
function zerosAt(bytes: Buffer): 0 | 1 | undefined {
  const start = bytes.subarray(0, 1024);
  const units = Math.floor(start.length / 2);
  for (const offset of [1, 0] as const) {
    let zeros = 0;
    for (let unit = 0; unit < units; unit++) if (start[2 * unit + offset] === 0) zeros++;
    if (units > 0 && zeros / units > zeroShare) return offset;
  }
  return undefined;
}

/**
 * The text of a list: UTF-8, or UTF-16 as Windows PowerShell writes it, with or without a byte order mark. Bytes of another
 * encoding are kept as those of a file's name.
 */
export function listText(file: Uint8Array): string {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const mark = bytes.subarray(0, 2).toString("hex");
  const zeros = zerosAt(bytes);
  if (mark === "fffe" || (mark !== "feff" && zeros === 1))
    return unmarked(new TextDecoder("utf-16le").decode(bytes));
  if (mark === "feff" || zeros === 0) return unmarked(new TextDecoder("utf-16be").decode(bytes));
  return unmarked(textOf(bytes));
}

const unmarked = (text: string): string => text.replace(/^\ufeff/, "");

/** A field without the quotes around it; two quotes inside stand for one. */
export const unquoted = (text: string): string =>
  /^"(?:[^"]|"")*"$/.test(text) ? text.slice(1, -1).replaceAll('""', '"') : text.replace(/^'(.*)'$/, "$1");
