import { readFileSync } from "node:fs";
import type { InferenceSession, Tensor as RuntimeTensor } from "onnxruntime-node";
import { ErfitError, messageOf, firstLineOf } from "../core/error.ts";
import type { DType, Tensor } from "../core/tensor.ts";
import { decodeModel } from "../onnx/file/wire.ts";
import { MissingOperator, type InferredType } from "../onnx/runtime.ts";
import { nativeLibrary } from "./native-library.ts";

/** The only file that imports ONNX Runtime. */

/**
 * ONNX Runtime 1.30 keeps an identifier of the machine in the user's home and reports its use to Microsoft, unless this is set
 * before it is loaded. Users who want that set the variable to 0.
 */
process.env["ORT_DISABLE_TELEMETRY"] ??= "1";

const runtime = nativeLibrary(
  {
    name: "ONNX Runtime",
    package: "onnxruntime-node",
    purpose: "an ONNX model cannot be run",
    remedy:
      "it runs on Linux with glibc (as in the Docker image node:22-slim), macOS on Apple silicon, and Windows; TF.js models, fit, compare, merge and report need none",
  },
  () => import("onnxruntime-node"),
);

/**
 * Name and version, for provenance.
 * @throws ErfitError where this platform has no ONNX Runtime
 */
export async function runtimeName(): Promise<string> {
  const { versions } = (await runtime()).env;
  return `onnxruntime-node ${versions.node ?? versions.common}`;
}

export interface SessionOptions {
  /** Threads inside one operator; 0 leaves it to the runtime. */
  readonly threads: number;
  /** `none` for a graph that runs once, where optimizing costs more than it saves. */
  readonly optimization: "all" | "none";
}

/** A session in this process, with what the runtime inferred of the model's outputs when it loaded it. */
interface CheckedSession extends Session {
  readonly types: ReadonlyMap<string, InferredType>;
}

export interface Session {
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
  release(): Promise<void>;
}

const known: Readonly<Record<string, DType>> = {
  float32: "float32",
  float64: "float64",
  int8: "int8",
  uint8: "uint8",
  int16: "int16",
  uint16: "uint16",
  int32: "int32",
  uint32: "uint32",
  int64: "int64",
  uint64: "uint64",
  bool: "bool",
};

function fromRuntime(name: string, { type, data, dims }: RuntimeTensor): Tensor {
  const dtype = known[type];
  if (dtype === undefined)
    throw new ErfitError(`tensor "${name}" has element type ${type}, which erfit does not read`);
  const tensor: unknown = { dtype, data, shape: dims };
  return tensor as Tensor; // the runtime pairs the type with its typed array
}

/**
 * Optimization levels to try in turn, the slow one last. Fusions can spoil a sound graph: ONNX Runtime 1.30 joins a Pad to
 * the pool after it and then finds the padding too wide.
 */
const levels = { all: ["all", "disabled"], none: ["disabled"] } as const;

/** A model as its file's bytes, or as the path of its file: weights beside it are then mapped into memory. */
type Model = Uint8Array | string;

async function load(
  model: Model,
  threads: number,
  level: "all" | "disabled",
  more: InferenceSession.SessionOptions = {},
): Promise<InferenceSession> {
  const ort = await runtime();
  const options: InferenceSession.SessionOptions = {
    executionProviders: ["cpu"],
    graphOptimizationLevel: level,
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
    // Planning all activations as one block gains no time here, and its blocks are a quarter larger than what is in use.
    enableMemPattern: false,
    // Threads that spin while they wait gain a tenth on an idle machine, and cost twice the time on one that is shared.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
    ...more,
  };
  return typeof model === "string"
    ? ort.InferenceSession.create(model, options)
    : ort.InferenceSession.create(model, options);
}

/**
 * Bytes from which on constants of an optimized model lie outside its file. The runtime infers no shape from elements that lie
 * elsewhere, and fusions write sizes of their own: 200 Gathers become a Split into 200 parts. No list of sizes comes near this.
 */
const smallestOutside = 2 ** 16;

/**
 * Writes the model at `path` as the runtime would run it on this machine, its weights (reordered for convolutions) in a file
 * of their own beside `optimized`: sessions that load it map them, and share one copy. What matrix products pack for
 * themselves is left out: where two products read one matrix, ONNX Runtime 1.30 mixes their packings up, and Swin-T crashes.
 */
export async function writeOptimized(path: string, optimized: string, weights: string): Promise<void> {
  const session = await load(path, 1, "all", {
    optimizedModelFilePath: optimized,
    extra: {
      session: {
        optimized_model_external_initializers_file_name: weights,
        optimized_model_external_initializers_min_size_in_bytes: String(smallestOutside),
      },
    },
  });
  await session.release();
}

const typeOf = (output: InferenceSession.ValueMetadata): InferredType =>
  output.isTensor
    ? {
        dtype: known[output.type],
        shape: output.shape.map((extent) => (typeof extent === "number" && extent >= 0 ? extent : null)),
      }
    : { dtype: undefined, shape: [] };

/** Loads a model that erfit wrote or checked. `purpose` is what it is for, in errors. */
export async function createSession(
  model: Model,
  purpose: string,
  { threads, optimization }: SessionOptions,
): Promise<CheckedSession> {
  const ort = await runtime();
  const [first, ...others] = levels[optimization];
  let loading = load(model, threads, first);
  for (const level of others) loading = loading.catch(() => load(model, threads, level));
  const session = await loading.catch((thrown: unknown) => {
    const bytes = typeof model === "string" ? readFileSync(model) : model;
    const missing = missingOperator(bytes, messageOf(thrown));
    if (missing !== undefined) throw new MissingOperator(missing, { cause: thrown });
    throw new ErfitError(`ONNX Runtime cannot load the graph for ${purpose}: ${firstLineOf(thrown)}`, {
      kind: "failure",
      cause: thrown,
    });
  });
  return {
    types: new Map(session.outputMetadata.map((output) => [output.name, typeOf(output)])),
    async run(feeds) {
      const inputs = Object.fromEntries(
        Object.entries(feeds).map(([name, { dtype, data, shape }]) => [
          name,
          new ort.Tensor(dtype, data, shape),
        ]),
      );
      const outputs = await session.run(inputs).catch((thrown: unknown) => {
        throw new ErfitError(`ONNX Runtime failed during ${purpose}: ${firstLineOf(thrown)}`, {
          kind: "failure",
          cause: thrown,
        });
      });
      return Object.fromEntries(
        Object.entries(outputs).map(([name, value]) => [name, fromRuntime(name, value)]),
      );
    },
    release: () => session.release(),
  };
}

/** ONNX Runtime's message: "my.domain:Operator(-1) is not a registered function/op". */
const unregistered = /([\w.]*):(\w+)\(-?\d+\) is not a registered function\/op/;

/**
 * ONNX Runtime names an operator that it does not have, but not the node, by which a user finds it in the network.
 * @returns what to report in place of the runtime's message; undefined where that is about something else
 */
function missingOperator(model: Uint8Array, message: string): string | undefined {
  const [, domain = "", opType] = unregistered.exec(message) ?? [];
  if (opType === undefined) return undefined;
  const node = decodeModel(model, "the model").graph?.node.find(
    (candidate) => candidate.opType === opType && (candidate.domain || "ai.onnx") === domain,
  );
  const where = node === undefined ? "" : ` of node "${node.name || (node.output[0] ?? "")}"`;
  return `operator ${domain}::${opType}${where} is not one that ONNX Runtime has: the model cannot be run`;
}

/** Runs a model once. */
export async function runOnce(
  model: Uint8Array,
  feeds: Readonly<Record<string, Tensor>>,
  purpose: string,
): Promise<Readonly<Record<string, Tensor>>> {
  const session = await createSession(model, purpose, { threads: 0, optimization: "none" });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

/** Loads a model, which checks it, and releases it again. */
export async function inferTypes(
  model: Uint8Array,
  purpose: string,
): Promise<ReadonlyMap<string, InferredType>> {
  const session = await createSession(model, purpose, { threads: 1, optimization: "none" });
  await session.release();
  return session.types;
}
