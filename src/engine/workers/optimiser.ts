import { writeOptimised } from "../onnxruntime.ts";

/** A process of its own, since the runtime does not hand back the memory that optimising took: it goes with the process. */
const [model = "", optimised = "", weights = ""] = process.argv.slice(2);
await writeOptimised(model, optimised, weights);
