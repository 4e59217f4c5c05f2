import { fileURLToPath } from "node:url";

/** Small networks of kinds that people have; see the folder's README. */
export const casePath = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/cases/${name}.onnx`, import.meta.url));
