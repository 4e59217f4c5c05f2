import { Worker } from "node:worker_threads";
import { writeOptimised } from "../onnxruntime.ts";

/** A process of its own, since the runtime does not hand back the memory that optimising took: it goes with the process. */
/** It ends with the process that wants its work: while the runtime optimises, only a thread of its own can tell. */
const watch = `const parent = process.ppid;
setInterval(() => process.ppid === parent || process.kill(process.pid, "SIGKILL"), 200);`;
new Worker(watch, { eval: true }).unref();

const [model = "", optimised = "", weights = ""] = process.argv.slice(2);
await writeOptimised(model, optimised, weights);
