import type { Stats } from "node:fs";
import { open, readFile, stat } from "node:fs/promises";
import { filePath } from "./path-bytes.ts";

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
