import { readFile, stat } from "node:fs/promises";

/** More than any photograph or record has: what is longer would only fill the memory. */
const longest = 2 ** 29;

/**
 * The bytes of a file that lies in a folder of anyone's. A pipe or a device may never end, and waiting for one is no use.
 * @throws the system's error, or one that says what it is instead of a file of a size to be read
 */
export async function readRegular(path: string, mostBytes = longest): Promise<Buffer> {
  const found = await stat(path);
  if (!found.isFile() && !found.isDirectory()) throw new Error("a pipe, socket or device, not a file");
  if (found.size > mostBytes)
    throw new Error(`its ${found.size} bytes are more than the ${mostBytes} that erfit reads`);
  return readFile(path);
}
