import * as tf from "@tensorflow/tfjs-core";
import { ErfitError, messageOf } from "../../../core/error.ts";
import { notInstalled } from "../../native-library.ts";
import { words } from "../words.ts";
import { backendNames, type BackendName } from "./names.ts";
import { backends, nodePackage } from "./table.ts";

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
  return { reason: `${name} does not start: ${words(thrown)}`, remedy: undefined };
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
        throw new ErfitError(`--backend ${asked}: ${reason}`, {
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
