import * as tf from "@tensorflow/tfjs-core";
import { ErfitError } from "../../../math/error.ts";
import { words } from "../words.ts";
import { backendNames, type BackendName } from "./names.ts";
import { backends } from "./table.ts";

/** A backend that has computed something. */
export interface Backend {
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

const missing = (thrown: unknown): boolean =>
  thrown instanceof Error && "code" in thrown && thrown.code === "ERR_MODULE_NOT_FOUND";

const installing: Readonly<Partial<Record<BackendName, string>>> = {
  "tfjs-node":
    "`npm install @tensorflow/tfjs-node` gets it, with a download of TensorFlow; docs/tfjs.md says more",
};

const whyNot = (name: BackendName, thrown: unknown): string =>
  missing(thrown) ? `${name} is not installed` : `${name} does not start (${words(thrown)})`;

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
  const reasons: string[] = [];
  for (const name of asked === undefined ? backendNames : [asked]) {
    try {
      const engine = await started(name, threads);
      const remedy = installing["tfjs-node"] ?? "";
      const remark =
        reasons.length === 0
          ? undefined
          : `TF.js computes on ${name}, ${slower[name] ?? ""} slower than tfjs-node: ${reasons.join(", ")}; ${remedy}`;
      return { name, engine, remark };
    } catch (thrown) {
      if (asked !== undefined) {
        const remedy = installing[asked];
        throw new ErfitError(`--backend ${asked}: ${whyNot(asked, thrown)}`, {
          ...(remedy === undefined ? {} : { remedy }),
          cause: thrown,
        });
      }
      reasons.push(whyNot(name, thrown));
    }
  }
  throw new ErfitError(`TF.js has no backend that works here: ${reasons.join(", ")}`, { kind: "failure" });
}
