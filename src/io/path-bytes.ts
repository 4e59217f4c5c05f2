/**
 * A file's name on Linux is bytes in any encoding, and a path here is a string. Bytes that are not UTF-8 stand in it as lone
 * surrogates, U+DC80 to U+DCFF, as in Python (PEP 383), so that the file can be opened by its path.
 */

const utf8 = /[^\x80-\xff]+|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|./gs;
const escaped = /([\udc80-\udcff])/u;

const escapedBytes = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte)).join("");

/** Text of bytes that should be UTF-8. */
export function textOf(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  if (!text.includes("\ufffd")) return text;
  return bytes.toString("latin1").replace(utf8, (sequence) => {
    const part = Buffer.from(sequence, "latin1");
    const character = part.toString("utf8");
    return Buffer.from(character).equals(part) ? character : escapedBytes(part);
  });
}

/** Whether bytes of the text were not UTF-8. */
const hasEscapedBytes = (text: string): boolean => escaped.test(text);

/** The path as the file system takes it. */
export const filePath = (path: string): string | Buffer =>
  hasEscapedBytes(path)
    ? Buffer.concat(
        path
          .split(escaped)
          .map((part) => (escaped.test(part) ? Buffer.of(part.charCodeAt(0) & 0xff) : Buffer.from(part))),
      )
    : path;

/** The text with those bytes read as Latin-1. */
export const inLatin1 = (text: string): string =>
  text.replace(/[\udc80-\udcff]/gu, (escape) => String.fromCharCode(escape.charCodeAt(0) & 0xff));
