import { Worker } from "node:worker_threads";
import { writeOptimised } from "../onnxruntime.ts";

/** A process of its own, since the runtime does not hand back the memory that optimising took: it goes with the process. */
const [model = "", optimised = "", weights = "", parent = ""] = process.argv.slice(2);

/** It ends with the process that asked for it. The runtime blocks this thread: another one has to look. */
const watch = `const { workerData: parent } = require("node:worker_threads");
setInterval(() => process.ppid === parent || process.kill(process.pid, "SIGKILL"), 200);`;
new Worker(watch, { eval: true, workerData: Number(parent) }).unref();

await writeOptimised(model, optimised, weights);
