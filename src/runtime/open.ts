import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ErfitError, optionText } from "../core/error.ts";
import { modelFile, pathBeside, readModelFile, weightsFile, wholeOf } from "./model-file.ts";
import type { Network } from "./network.ts";
import { openOnnx } from "./onnx/open.ts";
import type { BackendName } from "./tfjs/backend-names.ts";
import type { WeightsFile } from "../onnx/file/stored-bytes.ts";

/** A network with the file that it came from. */
export interface OpenedModel {
  readonly network: Network;
  /** Path as the user gave it; where that is a folder, its model.json. */
  readonly path: string;
  /** Name without folders; a `model.json`, as most TF.js models are called, keeps its folder's. */
  readonly file: string;
  /** Of the file; where weights lie in further files, of all of them in the order in which the model names them. */
  readonly sha256: string;
}

export interface OpenOptions {
  readonly inputShape?: readonly number[];
  readonly inputName?: string;
  readonly threads: number;
  /** Where a TF.js model computes; the fastest that starts by default. */
  readonly backend?: BackendName;
}

const isTfjs = (path: string): boolean => /\.json$/i.test(path);

const nameOf = (path: string): string =>
  basename(path) === "model.json" ? join(basename(dirname(path)), "model.json") : basename(path);

/** Opens a trained network: a TF.js model by its model.json or its folder, else an ONNX file. */
export async function openModel(given: string, options: OpenOptions): Promise<OpenedModel> {
  const path = await modelFile(given);
  const bytes = await readModelFile(path);
  if (!isTfjs(path) && options.backend !== undefined)
    throw new ErfitError(
      `${optionText("backend", options.backend)} is for TF.js models, and ${path} is none`,
      {
        remedy: "leave it out: ONNX models run in ONNX Runtime",
      },
    );
  const hash = createHash("sha256").update(bytes);
  /** The weights that the model names; they belong to its hash. */
  const openWeights = async (location: string): Promise<WeightsFile> => {
    const weights = await pathBeside(dirname(path), location, path);
    for await (const chunk of createReadStream(weights, { highWaterMark: 2 ** 20 }))
      hash.update(chunk as Buffer);
    return weightsFile(weights);
  };
  // TF.js is loaded for its own models only: it takes longer to load than a small ONNX model takes to run.
  const network = isTfjs(path)
    ? await (
        await import("./tfjs/open.ts")
      ).openTfjs(bytes, {
        ...options,
        file: path,
        readWeights: async (location) => wholeOf(await openWeights(location)),
      })
    : await openOnnx(bytes, {
        ...options,
        file: path,
        ownFile: weightsFile(path),
        readExternal: openWeights,
      });
  return { network, path, file: nameOf(path), sha256: hash.digest("hex") };
}
