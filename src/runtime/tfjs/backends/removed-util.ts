import { createRequire } from "node:module";

/**
 * What tfjs-node 4.22 calls of `node:util` and newer versions of Node lack: Node 23 removed `isNullOrUndefined` (DEP0051),
 * and `isArray` is deprecated (DEP0044). Each does what it did in Node.
 */
const removed = {
  isArray: (value: unknown): boolean => Array.isArray(value),
  isNullOrUndefined: (value: unknown): boolean => value === null || value === undefined,
};

/** Puts back what this Node lacks, where CommonJS finds it; what it has stays. For before tfjs-node is loaded. */
export function restoreRemovedUtil(): void {
  const util: unknown = createRequire(import.meta.url)("node:util"); // the namespace of an import cannot be added to
  if (typeof util !== "object" || util === null) return;
  for (const [name, original] of Object.entries(removed))
    if (!(name in util)) Reflect.set(util, name, original);
}
