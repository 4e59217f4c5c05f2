import * as tf from "@tensorflow/tfjs-core";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { ErfitError, messageOf, optionText } from "../../core/error.ts";
import { notInstalled } from "../native-library.ts";
import { type BackendName, backendNames } from "./backend-names.ts";
import { reasonOf } from "./model/program.ts";

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

interface BackendEntry {
  /** Its name in TF.js's registry. */
  readonly registered: string;
  /** Registers it with TF.js, and returns what it is, for the provenance. */
  readonly load: (threads: number) => Promise<string>;
}

const require = createRequire(import.meta.url);

/** The package may be absent: a specifier that the compiler does not follow. */
const nodePackage = ["@tensorflow", "tfjs-node"].join("/");

/** Version of the TensorFlow library of tfjs-node, where its binding tells. */
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

/** A backend that has computed something. */
interface Backend {
  readonly name: BackendName;
  /** TF.js's version and the backend, for provenance. */
  readonly engine: string;
  /** Why a slower one was taken and how to get the faster one, where that is so. */
  readonly remark: string | undefined;
}

/** Makes it the one that TF.js computes on: it has one for the whole process. */
export async function activate(name: BackendName): Promise<void> {
  const { registered } = backends[name];
  if (tf.getBackend() !== registered && !(await tf.setBackend(registered)))
    throw new Error(`TF.js cannot start its backend "${registered}"`);
}

/** Loads a backend and multiplies two numbers on it: a package can be there and its binary not. */
async function started(name: BackendName, threads: number): Promise<string> {
  const what = await backends[name].load(threads);
  await activate(name);
  tf.enableProdMode(); // no advertisement for tfjs-node, no checks of every value
  const product = tf.tidy(() => tf.mul(tf.scalar(2), tf.scalar(3)).dataSync()[0]);
  if (product !== 6) throw new Error(`it says that 2 x 3 is ${String(product)}`);
  return `tfjs ${tf.version_core}, ${what}`;
}

/** Why a backend was not taken, and what the user can do about it; nothing where that is not known. */
interface Refusal {
  readonly reason: string;
  readonly remedy: string | undefined;
}

/** tfjs-node is there, but its install script, which fetches or builds its binary, has not run. */
const withoutBinary = /native addon module \(\S+\) can not be found/;

function refusal(name: BackendName, thrown: unknown): Refusal {
  if (notInstalled(nodePackage, thrown))
    return {
      reason: `${name} is not installed`,
      remedy: `\`npm install ${nodePackage}\` gets it, with a download of TensorFlow; docs/tfjs.md says more`,
    };
  if (withoutBinary.test(messageOf(thrown)))
    return {
      reason: `${name} is installed without its binary`,
      remedy: `\`npm rebuild ${nodePackage}\` runs its install script, which downloads TensorFlow`,
    };
  return { reason: `${name} does not start: ${reasonOf(thrown)}`, remedy: undefined };
}

/** How many times the processor time of tfjs-node the gradient of a VGG-16 takes. */
const slower: Readonly<Partial<Record<BackendName, string>>> = {
  wasm: "several times",
  cpu: "hundreds of times",
};

/**
 * The asked backend, or the fastest that starts.
 * @param threads for tfjs-node; 0: as many as there are cores
 * @throws ErfitError where the asked one does not start
 */
export async function openBackend(asked: BackendName | undefined, threads: number): Promise<Backend> {
  const refusals: Refusal[] = [];
  for (const name of asked === undefined ? backendNames : [asked]) {
    try {
      const engine = await started(name, threads);
      const remark =
        refusals.length === 0
          ? undefined
          : `TF.js computes on ${name}, ${slower[name] ?? ""} slower than tfjs-node: ${explained(refusals)}`;
      return { name, engine, remark };
    } catch (thrown) {
      const { reason, remedy } = refusal(name, thrown);
      if (asked !== undefined) {
        throw new ErfitError(`${optionText("backend", asked)}: ${reason}`, {
          ...(remedy === undefined ? {} : { remedy }),
          cause: thrown,
        });
      }
      refusals.push({ reason, remedy });
    }
  }
  throw new ErfitError(`TF.js has no backend that works here: ${explained(refusals)}`, { kind: "failure" });
}

const explained = (refusals: readonly Refusal[]): string =>
  refusals.flatMap(({ reason, remedy }) => [reason, ...(remedy === undefined ? [] : [remedy])]).join("; ");
