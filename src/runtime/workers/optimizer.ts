import { Worker } from "node:worker_threads";
import { writeOptimized } from "../onnxruntime.ts";

/** A process of its own, since the runtime does not hand back the memory that optimizing took: it goes with the process. */
const [model = "", optimized = "", weights = "", parent = ""] = process.argv.slice(2);

/** It ends with the process that asked for it. The runtime blocks this thread: another one has to look. */
const watch = `const { workerData: parent } = require("node:worker_threads");
setInterval(() => process.ppid === parent || process.kill(process.pid, "SIGKILL"), 200);`;
new Worker(watch, { eval: true, workerData: Number(parent) }).unref();

await writeOptimized(model, optimized, weights);
