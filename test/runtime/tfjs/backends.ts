import { createRequire } from "node:module";
import type { BackendName } from "../../../src/runtime/tfjs/backend-names.ts";

/** Whether tfjs-node is here with its library: an optional package whose download may have failed. */
function nodeIsHere(): boolean {
  process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "2";
  try {
    createRequire(import.meta.url)("@tensorflow/tfjs-node");
    return true;
  } catch {
    return false;
  }
}

/** Set where tfjs-node must be there (.ci/run builds it): then its tests fail rather than skip. */
const nodeRequired = process.env["ERFIT_REQUIRE_TFJS_NODE"] === "1";

export const withNode = nodeRequired || nodeIsHere();
if (!withNode) console.warn("skipped: TF.js on tfjs-node (scripts/build-tfjs-node.sh makes it)");

/** The backends that can be tested here. */
export const testedBackends: readonly BackendName[] = withNode
  ? ["tfjs-node", "wasm", "cpu"]
  : ["wasm", "cpu"];
