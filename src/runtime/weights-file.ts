import { closeSync, openSync, readSync, statSync } from "node:fs";
import { ErfitError } from "../core/error.ts";
import type { WeightsFile } from "../onnx/file/stored-bytes.ts";

/** A file on disk that is read in pieces; it is open only while one is read. */
export function weightsFile(path: string): WeightsFile {
  return {
    length: statSync(path).size,
    read(offset, target) {
      const { length } = target;
      const file = openSync(path, "r");
      try {
        for (let done = 0; done < length;) {
          const count = readSync(file, target, done, length - done, offset + done);
          if (count === 0) throw new ErfitError(`${path}: became shorter while erfit was reading it`);
          done += count;
        }
      } finally {
        closeSync(file);
      }
    },
  };
}

export function wholeOf(file: WeightsFile): Uint8Array {
  const bytes = new Uint8Array(file.length);
  file.read(0, bytes);
  return bytes;
}
