import type { Stats } from "node:fs";
import { open, readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { didYouMean } from "../core/suggestion.ts";

/** More than any photograph or record has: what is longer would only fill the memory. */
const longest = 2 ** 29;

/**
 * The bytes of a file that lies in a folder of anyone's. A pipe or a device may never end, and waiting for one is no use.
 * @throws the system's error, or one that says what it is instead of a file of a size to be read
 */
export async function readRegular(path: string, mostBytes = longest): Promise<Buffer> {
  const found = await regularAt(path);
  if (found.size > mostBytes)
    throw new Error(`its ${found.size} bytes are more than the ${mostBytes} that erfit reads`);
  return readFile(filePath(path));
}

/** The bytes of a file that need not be there; undefined where it is not, or cannot be read. */
export const readIfRegular = (path: string): Promise<Buffer | undefined> =>
  readRegular(path).catch(() => undefined);

/** The path in the same folder that may be meant by one that is not there, as a question; undefined where none is alike. */
export async function meantPath(path: string): Promise<string | undefined> {
  const names = await readdir(dirname(path)).catch(() => []);
  return didYouMean(basename(path), names, (name) => join(dirname(path), name));
}

/** Bytes of a file from `position` on, as many as there are. */
export async function readPart(path: string, position: number, bytes: number): Promise<Buffer> {
  await regularAt(path);
  const file = await open(filePath(path));
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, position);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function regularAt(path: string): Promise<Stats> {
  const found = await stat(filePath(path));
  if (!found.isFile() && !found.isDirectory()) throw new Error("a pipe, socket or device, not a file");
  return found;
}

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
