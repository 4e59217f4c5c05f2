/** Where TF.js computes, fastest first. Named apart from the backends: the command line lists them without loading TF.js. */
export const backendNames = ["tfjs-node", "wasm", "cpu"] as const;
export type BackendName = (typeof backendNames)[number];
