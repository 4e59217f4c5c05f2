import { createHash } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { access, readFile, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative } from "node:path";
import { ErfitError, messageOf } from "../math/error.ts";
import type { Network } from "./network.ts";
import { openOnnx } from "./onnx-network.ts";
import { weightsFile } from "./weights-file.ts";

/** A network with the file that it came from. */
export interface OpenedModel {
  readonly network: Network;
  /** Path as the user gave it. */
  readonly path: string;
  readonly file: string;
  /** Of the file; where weights lie in further files, of all of them in the order in which the model names them. */
  readonly sha256: string;
}

export interface OpenOptions {
  readonly inputShape?: readonly number[];
  readonly inputName?: string;
  readonly threads: number;
}

async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (thrown) {
    throw unreadable(path, "the model", thrown);
  }
}

function unreadable(path: string, what: string, thrown: unknown): ErfitError {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  if (code === "ENOENT")
    return new ErfitError(`${path}: no such file`, { remedy: `give the path of ${what}` });
  if (code === "EISDIR") return new ErfitError(`${path}: is a folder; expected ${what} as an .onnx file`);
  if (code === "EACCES") return new ErfitError(`${path}: permission denied`);
  return new ErfitError(`${path}: cannot be read (${messageOf(thrown)})`);
}

/**
 * Path of a file of weights beside the model. A model may read in the folder that it is in, or really lies in: in a cache of
 * Hugging Face, model and weights are links into one other folder. Links that lead elsewhere are refused.
 */
async function pathBeside(folder: string, location: string, model: string): Promise<string> {
  const path = join(folder, location);
  try {
    const homes = [await realpath(folder), dirname(await realpath(model))];
    const real = await realpath(path);
    if (!homes.some((home) => isWithin(home, real))) {
      throw new ErfitError(`${model}: its weights file "${location}" lies outside the model's folder`, {
        remedy: "put the file beside the model",
      });
    }
    await access(path, constants.R_OK);
    return path;
  } catch (thrown) {
    if (thrown instanceof ErfitError) throw thrown;
    throw new ErfitError(
      `${model}: its weights file "${location}" cannot be read (expected it beside the model)`,
      { cause: thrown },
    );
  }
}

function isWithin(folder: string, path: string): boolean {
  const away = relative(folder, path);
  return !away.startsWith("..") && !isAbsolute(away);
}

/** Opens a trained network from a file. */
export async function openModel(path: string, options: OpenOptions): Promise<OpenedModel> {
  const bytes = await readModelFile(path);
  const file = basename(path);
  const hash = createHash("sha256").update(bytes);
  const network = await openOnnx(bytes, {
    ...options,
    file: path,
    ownFile: weightsFile(path),
    readExternal: async (location) => {
      const weights = await pathBeside(dirname(path), location, path);
      for await (const chunk of createReadStream(weights, { highWaterMark: 2 ** 20 }))
        hash.update(chunk as Buffer);
      return weightsFile(weights);
    },
  });
  return { network, path, file, sha256: hash.digest("hex") };
}
