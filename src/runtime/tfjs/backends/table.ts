import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import type { BackendName } from "./names.ts";
import { restoreRemovedUtil } from "./removed-util.ts";

interface BackendEntry {
  /** Its name in TF.js's registry. */
  readonly registered: string;
  /** Makes it known to TF.js, and says what it is for the provenance. */
  readonly load: (threads: number) => Promise<string>;
}

const require = createRequire(import.meta.url);

/** The package may be absent: a specifier that the compiler does not follow. */
export const nodePackage = ["@tensorflow", "tfjs-node"].join("/");

/** Version of the TensorFlow library behind tfjs-node, where its binding tells. */
function tensorFlowVersion(backend: unknown): string {
  const binding = typeof backend === "object" && backend !== null && "binding" in backend && backend.binding;
  return typeof binding === "object" && binding !== null && "TF_Version" in binding
    ? ` (TensorFlow ${String(binding.TF_Version)})`
    : "";
}

/** Takes away the handlers that `load` hangs on the process: Emscripten's turn every rejection into an abort. */
async function withoutHandlers<T>(load: () => Promise<T>): Promise<T> {
  const exceptions = process.listeners("uncaughtException");
  const rejections = process.listeners("unhandledRejection");
  try {
    return await load();
  } finally {
    for (const listener of process.listeners("uncaughtException"))
      if (!exceptions.includes(listener)) process.off("uncaughtException", listener);
    for (const listener of process.listeners("unhandledRejection"))
      if (!rejections.includes(listener)) process.off("unhandledRejection", listener);
  }
}

/** The backends of TF.js that erfit knows. Each is loaded when it is chosen. */
export const backends: Readonly<Record<BackendName, BackendEntry>> = {
  "tfjs-node": {
    registered: "tensorflow",
    async load(threads) {
      // TensorFlow reads these when it is loaded: no start-up messages, and as many threads as were asked for.
      process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "2";
      if (threads > 0) process.env["TF_NUM_INTRAOP_THREADS"] ??= String(threads);
      require.resolve(nodePackage); // throws where it is not installed: then nothing is restored
      restoreRemovedUtil();
      await import(nodePackage);
      await tf.setBackend("tensorflow");
      return `tfjs-node${tensorFlowVersion(tf.backend())}`;
    },
  },
  wasm: {
    registered: "wasm",
    async load() {
      const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
      const manifest = require.resolve("@tensorflow/tfjs-backend-wasm/package.json");
      setWasmPaths(join(dirname(manifest), "dist/"));
      await withoutHandlers(() => tf.setBackend("wasm"));
      const simd = await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT");
      return simd === true ? "wasm (SIMD)" : "wasm";
    },
  },
  cpu: {
    registered: "cpu",
    async load() {
      await import("@tensorflow/tfjs-backend-cpu");
      return "cpu (plain JavaScript)";
    },
  },
};
